"""How rows travel: which columns, in which text, cut into which segments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmsplan.model.objects import QName
from dmsplan.model.types import Format, NativeType, Wire


class ValuePolicy(StrEnum):
    """What to do with a value the target cannot hold; `STOP` is always the default."""

    STOP = "stop"
    NULL = "null"
    STRIP = "strip"


@dataclass(frozen=True, slots=True)
class ColumnMove:
    """One column's way from source to target; decided in `convert`, executed in `endpoints`.

    `wire` is the canonical text between both. `zero_date` applies to MySQL's 0000-00-00 and
    partial dates, `nul_byte` to U+0000 inside text for targets that refuse it. `length` is the
    declared bit or character length where the reader needs it.
    """

    source: str
    target: str
    wire: Wire
    source_type: NativeType
    target_type: NativeType
    nullable: bool = True
    zero_date: ValuePolicy = ValuePolicy.STOP
    nul_byte: ValuePolicy = ValuePolicy.STOP
    length: int | None = None


@dataclass(frozen=True, slots=True)
class TableMove:
    """One table's way. `key` names the source's primary-key columns (empty: none). `filter` is
    SQL of the source's dialect, given by the user. `rows` and `size_bytes` are estimates.
    `charset` hints are in the column types. Generated columns are not moved unless the target
    holds them as plain columns."""

    source: QName
    target: QName
    columns: tuple[ColumnMove, ...]
    key: tuple[str, ...] = ()
    filter: str | None = None
    rows: int | None = None
    size_bytes: int | None = None


class SegmentKind(StrEnum):
    """How a segment selects its rows."""

    WHOLE = "whole"
    KEY = "key"
    PHYSICAL = "physical"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a table, half-open [low, high) over one integer key column or physical range.

    The first segment's `low` and the last one's `high` are None (open-ended), so the segments of
    a table always cover every row. `column` is the key column for KEY. PHYSICAL bounds are
    PostgreSQL heap blocks or rowids.
    """

    table: QName
    number: int
    of: int
    kind: SegmentKind = SegmentKind.WHOLE
    column: str | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """A finished segment as the target's control table recorded it, with its rows.

    `position` tells where the source stood when the segment was read (opaque text of the source).
    """

    segment: Segment
    rows: int
    size_bytes: int
    position: str
    run: str


@dataclass(frozen=True, slots=True)
class LoadStrategy:
    """How a table's rows are moved: the block format, MySQL's read path (`client` transcodes the
    protocol here, `server` renders rows in SQL, '' for other sources) and MySQL's write path
    (`load-data` or `insert`)."""

    format: Format
    read_path: str = ""
    write_path: str = ""
