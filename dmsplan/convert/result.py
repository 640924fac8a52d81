"""What a conversion gives back."""

from __future__ import annotations

from dataclasses import dataclass

from dmsplan.model.move import TableMove
from dmsplan.model.objects import QName, Table
from dmsplan.model.types import Loss


@dataclass(frozen=True, slots=True)
class Item:
    """An action item, loss note or hazard. `severity` is block, warn or info; `address` is
    `kind schema.name[.part]` of the source object."""

    code: str
    severity: str
    kind: str
    address: str
    message: str
    hint: str = ""
    option: str = ""


@dataclass(frozen=True, slots=True)
class TypeLoss:
    """One column whose mapping is not exact; `address` is `schema.table.column` of the source."""

    address: str
    source_type: str
    target_type: str
    mark: Loss
    reason: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement for the target. `kind` is schema, collation, table, index, primary_key,
    unique, foreign_key, validate, check, sequence, sequence_value, comment or identity; `name`
    the table (or schema, sequence) and `part` the index or constraint it makes."""

    sql: str
    kind: str
    name: QName
    part: str = ""


@dataclass(frozen=True, slots=True)
class TableConversion:
    """One table: as read, as wanted, how rows move, and the statements by stage.

    `source.columns[].type` and `target.columns[].type` are filled. `foreign_keys` creates,
    `validate` validates; `sequences` carries the next automatic values over; what an engine
    cannot add later is inside the CREATE TABLE of `pre_data`.
    """

    source: Table
    target: Table
    move: TableMove
    pre_data: tuple[Statement, ...] = ()
    post_data: tuple[Statement, ...] = ()
    foreign_keys: tuple[Statement, ...] = ()
    validate: tuple[Statement, ...] = ()
    sequences: tuple[Statement, ...] = ()
    comments: tuple[Statement, ...] = ()
    losses: tuple[TypeLoss, ...] = ()
    items: tuple[Item, ...] = ()
    load_order: int = 0


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """Objects of one kind: `found` is the sum of the other four, always."""

    kind: str
    found: int
    converted: int = 0
    assisted: int = 0
    manual: int = 0
    excluded: int = 0

    def __post_init__(self) -> None:
        if self.found != self.converted + self.assisted + self.manual + self.excluded:
            raise AssertionError(f"inventory of {self.kind} does not balance: {self}")


@dataclass(frozen=True, slots=True)
class Conversion:
    """Everything a schema resource turns into."""

    tables: tuple[TableConversion, ...]
    schemas: tuple[Statement, ...] = ()
    sequences: tuple[Statement, ...] = ()
    sequence_values: tuple[Statement, ...] = ()
    inventory: tuple[InventoryRow, ...] = ()
    items: tuple[Item, ...] = ()
    unconverted: tuple[Item, ...] = ()
