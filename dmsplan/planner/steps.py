"""The steps of a plan: one small dataclass per kind, read by the engine and by `--explain`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dmsplan.convert.result import Statement
from dmsplan.model.document import from_document, to_document
from dmsplan.model.move import LoadStrategy, TableMove


class Stage(StrEnum):
    """Stages in the order they run; steps of one stage do not depend on each other."""

    PREFLIGHT = "preflight"
    PRE_DATA = "ddl.pre_data"
    FULL_LOAD = "full_load"
    POST_DATA = "ddl.post_data"
    FOREIGN_KEYS = "ddl.foreign_keys"
    SEQUENCES = "ddl.sequences"
    COMPARE = "compare"
    REMOVE = "remove"
    RECORD = "record"


ORDER = {stage: number for number, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Preflight:
    """Connect both endpoints, check privileges, create the control tables, take the epoch."""

    id: str
    address: str
    source: str
    target: str
    schemas: tuple[str, ...] = ()
    stage: Stage = Stage.PREFLIGHT

    def explain(self) -> str:
        return f"test {self.source} and {self.target}, create control tables, take the epoch"


@dataclass(frozen=True, slots=True)
class RunStatements:
    """Run DDL on an endpoint, in one transaction where the engine allows it.

    Each statement can be probed by what it makes, so a crashed step runs again safely.
    """

    id: str
    address: str
    stage: Stage
    endpoint: str
    statements: tuple[Statement, ...]

    def explain(self) -> str:
        return "; ".join(statement.sql for statement in self.statements)


@dataclass(frozen=True, slots=True)
class LoadTable:
    """Load one table in segments, each committed with its checkpoint row.

    `clear` empties a table that the user allowed to be emptied. Segment bounds are computed at
    apply, under the snapshot, and journalled.
    """

    id: str
    address: str
    task: str
    source: str
    target: str
    move: TableMove
    strategy: LoadStrategy
    segment_rows: int
    segment_bytes: int
    clear: bool = False
    require_single_snapshot: bool = False
    load_order: int = 0
    stage: Stage = Stage.FULL_LOAD

    def explain(self) -> str:
        path = f", {self.strategy.read_path} path" if self.strategy.read_path else ""
        empty = "empty the target, " if self.clear else ""
        return f"{empty}load {self.move.source} into {self.move.target} as {self.strategy.format}{path}"


@dataclass(frozen=True, slots=True)
class CountTable:
    """Check that the target holds as many rows as its segments recorded."""

    id: str
    address: str
    task: str
    target: str
    move: TableMove
    stage: Stage = Stage.COMPARE

    def explain(self) -> str:
        return f"count {self.move.target} and hold it against what was loaded"


@dataclass(frozen=True, slots=True)
class ForgetTask:
    """Remove a task's control rows from its target; user objects stay."""

    id: str
    address: str
    target: str
    stage: Stage = Stage.REMOVE

    def explain(self) -> str:
        return f"remove the control rows of {self.address} on {self.target}"


@dataclass(frozen=True, slots=True)
class RecordResource:
    """Record a resource in state: `ready` with what was applied, or `forgotten`."""

    id: str
    address: str
    kind: str
    config: dict[str, Any]
    observed: dict[str, Any]
    deps: tuple[str, ...] = ()
    status: str = "ready"
    stage: Stage = Stage.RECORD

    def explain(self) -> str:
        return f"record {self.address} as {self.status}"


Step = Preflight | RunStatements | LoadTable | CountTable | ForgetTask | RecordResource

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Preflight, RunStatements, LoadTable, CountTable, ForgetTask, RecordResource)
}


def step_to_document(step: Step) -> dict[str, Any]:
    """A step as JSON, its kind first."""
    return {"kind": type(step).__name__, **to_document(step), "stage": step.stage.value}


def step_from_document(document: dict[str, Any]) -> Step:
    """The step of a document; KeyError or ValueError when it is not one."""
    values = dict(document)
    step: Step = from_document(_KINDS[values.pop("kind")], values)
    return step
