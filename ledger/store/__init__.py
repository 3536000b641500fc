"""The store: the library's recorders with our admission, on SQLite and on PostgreSQL."""
