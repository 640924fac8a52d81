"""Database objects, types, moves and positions: frozen data, no I/O.

In: nothing but Python values. Out: the vocabulary every other room speaks.
May import: errors, diagnostics, address, log, secret.
"""
