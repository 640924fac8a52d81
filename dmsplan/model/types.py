"""The engine-neutral types of values, how they look on the wire, and what a mapping loses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Logical kind of a column's type."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BYTES = "bytes"
    BIT = "bit"
    DATE = "date"
    TIME = "time"
    TIMETZ = "timetz"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    INTERVAL = "interval"
    YEAR = "year"
    UUID = "uuid"
    JSON = "json"
    ENUM = "enum"
    SET = "set"
    ARRAY = "array"
    NETWORK = "network"
    RANGE = "range"
    MONEY = "money"
    GEOMETRY = "geometry"
    VECTOR = "vector"
    STRUCT = "struct"
    ANY = "any"
    OTHER = "other"


class Loss(StrEnum):
    """What a type mapping does to values; the mark is what a plan prints."""

    EXACT = "="
    REPRESENTATION = "~"
    LOSSY = "!"


class Wire(StrEnum):
    """Canonical text of a value between any reader and any writer.

    Every reader renders a column into exactly this text, every writer accepts it, and `compare`
    hashes it, so full load and comparison share one value path. NULL is outside the text.

    INTEGER   decimal digits with an optional '-'
    DECIMAL   plain decimal text, scale kept as the source prints it, also 'NaN', 'Infinity'
    FLOAT32   shortest text that reads back to the same IEEE single; 'NaN', 'Infinity', '-Infinity'
    FLOAT64   the same for IEEE double
    BOOLEAN   '1' or '0'
    TEXT      UTF-8 characters
    BYTES     backslash, 'x', lower-case hexadecimal (PostgreSQL's hex form)
    BIT       '0' and '1', most significant bit first, declared length kept
    DATE      YYYY-MM-DD (PostgreSQL's ' BC' suffix and 'infinity' where the source has them)
    TIME      [-]HH:MM:SS[.ffffff], hours may pass 24 where the source allows it
    TIMETZ    HH:MM:SS[.ffffff]+HH[:MM]
    TIMESTAMP YYYY-MM-DD HH:MM:SS[.ffffff] without zone; trailing zeros of the fraction are not
              significant and comparison ignores them
    TIMESTAMPTZ the same, in UTC, without an offset
    INTERVAL  ISO 8601 duration (P1Y2M3DT4H5M6.7S)
    UUID      lower-case 8-4-4-4-12
    JSON      JSON text; comparison parses it
    ARRAY     JSON array text
    NATIVE    the engine's own text; only between two databases of the same engine
    """

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BOOLEAN = "boolean"
    TEXT = "text"
    BYTES = "bytes"
    BIT = "bit"
    DATE = "date"
    TIME = "time"
    TIMETZ = "timetz"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    INTERVAL = "interval"
    UUID = "uuid"
    JSON = "json"
    ARRAY = "array"
    NATIVE = "native"


class Format(StrEnum):
    """How a block of rows travels from a reader to a writer.

    COPY_TEXT  bytes: whole rows of PostgreSQL COPY text. Fields by TAB, rows by LF, NULL `\\N`;
               only backslash, TAB, LF and CR are escaped (as `\\\\ \\t \\n \\r`). A PostgreSQL
               reader may also emit `\\b \\f \\v`; the MySQL writer rewrites those.
    CSV        bytes: whole rows; fields by comma, rows by LF, NULL is an empty unquoted field,
               text is quoted with doubled quotes; bytes are bare hexadecimal.
    PG_BINARY  bytes: a PostgreSQL binary COPY stream, cut anywhere; PostgreSQL to PostgreSQL, or
               decoded to Arrow by a DuckDB writer.
    ARROW      pyarrow.RecordBatch whose columns are in move order.
    """

    COPY_TEXT = "copy-text"
    CSV = "csv"
    PG_BINARY = "pg-binary"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A type without an engine.

    `bits` is 8, 16, 24, 32, 64 or 128 for integers and 32 or 64 for floats. `precision` and
    `scale` belong to decimals; `precision` is also the fractional-second digits of temporal
    types. `length` counts characters (TEXT), bytes (BYTES) or bits (BIT); None is unbounded.
    """

    kind: Kind
    bits: int | None = None
    unsigned: bool = False
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    fixed: bool = False
    values: tuple[str, ...] = ()
    element: LogicalType | None = None


@dataclass(frozen=True, slots=True)
class NativeType:
    """A type as one engine writes it, already taken apart by `inspect`.

    `text` is the whole type as the engine prints it (`bigint(20) unsigned`, `numeric(10,2)`,
    `character varying(80)[]`); `name` the bare lower-case base name (`bigint`, `numeric`,
    `varchar`), `args` its numbers in parentheses, `values` the labels of an enum or set,
    `dimensions` the number of array dimensions. `base` names the base type of a domain, and is
    '' otherwise.
    """

    text: str
    name: str
    args: tuple[int, ...] = ()
    unsigned: bool = False
    values: tuple[str, ...] = ()
    dimensions: int = 0
    base: str = ""
