"""The JSON API of staff: sign in, give commands, ask. Thin over the ledger."""
