"""Fingerprints of catalog objects: what a plan is bound to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from dmsplan.model.document import to_document
from dmsplan.model.objects import Catalog, Sequence, Table


def digest(value: Any) -> str:
    """sha256 of a value's canonical JSON, shortened to 32 hexadecimal digits."""
    text = json.dumps(to_document(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def table_fingerprint(table: Table) -> str:
    """Fingerprint of a table's structure: no statistics, no next automatic value, no comments'
    order. Converter versions do not matter, since only catalog facts are in it."""
    columns = tuple(
        replace(c, type=None, identity=replace(c.identity, next_value=None) if c.identity else None)
        for c in table.columns
    )
    bare = replace(
        table,
        columns=columns,
        rows=None,
        size_bytes=None,
        indexes=tuple(sorted(table.indexes, key=lambda i: i.name)),
        foreign_keys=tuple(sorted(table.foreign_keys, key=lambda f: f.name)),
        checks=tuple(sorted(table.checks, key=lambda c: c.name)),
    )
    return digest(bare)


def catalog_fingerprints(catalog: Catalog) -> dict[str, str]:
    """Fingerprint by object: `table schema.name`, `sequence schema.name`."""
    found = {f"table {table.name}": table_fingerprint(table) for table in catalog.tables}
    found.update({f"sequence {s.name}": _sequence(s) for s in catalog.sequences})
    return found


def _sequence(sequence: Sequence) -> str:
    return digest(replace(sequence, next_value=0))
