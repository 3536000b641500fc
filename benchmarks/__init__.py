"""Programs that measure; see the figures in the README."""
