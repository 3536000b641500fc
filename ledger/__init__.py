"""The ledger: its domain, application, store, log, personal store and what it issues."""
