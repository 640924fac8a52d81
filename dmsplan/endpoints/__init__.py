"""Databases dmsplan can speak to: one package per engine behind the protocols of `contract`.

In: settings and model data. Out: catalogs, blocks of rows, committed segments.
May import: model and what is below it; never `convert`.
"""
