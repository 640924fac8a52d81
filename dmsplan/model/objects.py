"""Tables and what hangs on them, as read from a catalog or as wanted on a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dmsplan.model.types import LogicalType, NativeType


class QName(NamedTuple):
    """A schema-qualified name. SQLite and DuckDB use `main`, MySQL the database's name."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Default:
    """A column default: `sql` in the dialect of the engine it was read from (or is meant for).

    `literal` says that `sql` is one plain literal already unquoted into `value`.
    """

    sql: str
    literal: bool = False
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated column's expression, in the dialect of the table's engine."""

    sql: str
    stored: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """An automatic number: AUTO_INCREMENT, identity, serial or SQLite's rowid alias.

    `next_value` is the number the next insert would get (None when the engine cannot tell);
    `always` is PostgreSQL's GENERATED ALWAYS; `sequence` names the sequence behind it, if any.
    """

    next_value: int | None = None
    start: int = 1
    increment: int = 1
    always: bool = False
    sequence: QName | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is filled by `convert`; `inspect` leaves it None."""

    name: str
    native: NativeType
    nullable: bool = True
    default: Default | None = None
    generated: Generated | None = None
    identity: Identity | None = None
    on_update: str | None = None
    charset: str | None = None
    collation: str | None = None
    comment: str = ""
    invisible: bool = False
    type: LogicalType | None = None


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One part of an index: a column or an expression (dialect of the table's engine)."""

    column: str | None = None
    expression: str | None = None
    prefix: int | None = None
    descending: bool = False
    nulls_first: bool | None = None
    collation: str | None = None
    operator_class: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index or unique constraint.

    `method` is btree, hash, gin, gist, fulltext, spatial … as the engine names it. `constraint`
    says that it was declared as a UNIQUE constraint.
    """

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    method: str = "btree"
    predicate: str | None = None
    include: tuple[str, ...] = ()
    constraint: bool = False
    nulls_distinct: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; actions are NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT."""

    name: str
    columns: tuple[str, ...]
    referenced: QName
    referenced_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    match: str = "SIMPLE"
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint, expression in the dialect of the table's engine."""

    name: str
    sql: str
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is partitioned: `method` is range, list, hash or key; `key` its columns or
    expression; `parts` are (name, bound text) in the engine's own words, `children` the
    partition tables where the engine has such."""

    method: str
    key: str
    parts: tuple[tuple[str, str], ...] = ()
    children: tuple[QName, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One base table. `rows` and `size_bytes` are the catalog's estimates, None when unknown."""

    name: QName
    columns: tuple[Column, ...]
    primary_key: Key | None = None
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    partitioning: Partitioning | None = None
    comment: str = ""
    collation: str | None = None
    transactional: bool = True
    storage: str = ""
    rows: int | None = None
    size_bytes: int | None = None

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence; `next_value` is what the next call would return."""

    name: QName
    next_value: int
    start: int = 1
    increment: int = 1
    minimum: int | None = None
    maximum: int | None = None
    cache: int = 1
    cycle: bool = False
    native: str = "bigint"
    owned_by: tuple[str, str, str] | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class OtherObject:
    """Anything that is not a table with its parts or a sequence: view, materialized view,
    function, procedure, trigger, event, type, domain, role, grant, policy, extension, rule,
    publication, foreign table … `parent` is the table a trigger or policy hangs on."""

    kind: str
    name: QName
    definition: str = ""
    parent: QName | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Which database this is: `engine` is postgresql, mysql, sqlite or duckdb; `product` tells
    MariaDB from MySQL; `version` is what the server says; `id` is stable over restarts and
    differs between servers (system_identifier, server_uuid, file path + inode, …)."""

    engine: str
    product: str
    version: str
    id: str
    database: str


@dataclass(frozen=True, slots=True)
class Catalog:
    """What `inspect` saw. Tables are sorted by name; control objects are left out."""

    identity: ServerIdentity
    tables: tuple[Table, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    others: tuple[OtherObject, ...] = ()
    default_schema: str = ""
    collation: str | None = None
