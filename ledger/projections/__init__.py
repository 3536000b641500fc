"""Projections: what is looked up, derived from the log and written with it."""
