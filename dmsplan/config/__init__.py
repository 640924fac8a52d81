"""TOML text → Project. No network, no secrets resolved.

In: a folder, variables. Out: a frozen Project or ConfigInvalid with every mistake.
"""
