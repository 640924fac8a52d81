"""Objects of one engine turned into those of another: decisions only, no I/O.

In: a Catalog and a Request. Out: a Conversion (wanted tables, statements, moves, items, inventory).
May import: model and what is below it; never `endpoints`.
"""
