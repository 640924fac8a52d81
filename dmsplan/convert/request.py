"""What a conversion is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmsplan.model.capability import Capabilities
from dmsplan.model.move import ValuePolicy


@dataclass(frozen=True, slots=True)
class Rename:
    """`schema` or `table` (as `schema.table`) of the source becomes `to` on the target."""

    to: str
    schema: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class TableOption:
    """A task's refinement of one selected table; `filter` is SQL of the source's dialect."""

    filter: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    load_order: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One source catalog to one target engine.

    `*_product` is PostgreSQL, MariaDB, MySQL, SQLite or DuckDB. `types` maps a source type's text
    (`tinyint(1)`) or a column's address (`shop.orders.note`) to a target type. `target_schema` is
    the target's default schema. `table_options` is keyed by `schema.table` of the source.
    """

    source_engine: str
    source_product: str
    source_version: str
    target_engine: str
    target_product: str
    target_version: str
    target_capabilities: Capabilities
    scope: str = "full"
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    renames: tuple[Rename, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    text_comparison: str = "source"
    zero_date: ValuePolicy = ValuePolicy.STOP
    nul_byte: ValuePolicy = ValuePolicy.STOP
    unsigned_bigint: str = "auto"
    target_schema: str = ""
    source_schema: str = ""
    table_options: dict[str, TableOption] = field(default_factory=dict)
