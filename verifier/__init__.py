"""All that a sceptic needs to check a certification ledger without trusting who runs it.

Nothing here reads a file, a clock or a network, apart from the command line and its small witness server:
bytes, keys and the present time come in as arguments. The package uses the standard library, `cryptography`
and `cbor2`, and nothing of the ledger's own code, so that an error there cannot hide itself here.
"""
