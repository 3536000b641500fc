"""The domain: one file an aggregate, pure."""
