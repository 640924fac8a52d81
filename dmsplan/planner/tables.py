"""Per table: create, adopt, load, repair or leave; and the steps for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dmsplan.config.load import TaskConfig
from dmsplan.convert.difference import differences
from dmsplan.convert.result import Statement, TableConversion
from dmsplan.model.document import to_document
from dmsplan.model.move import LoadStrategy
from dmsplan.model.objects import Table
from dmsplan.planner.fingerprint import digest, table_fingerprint
from dmsplan.planner.plan import Hazard
from dmsplan.planner.refresh import SchemaActual
from dmsplan.planner.steps import LoadTable, RunStatements, Stage, Step
from dmsplan.state.records import Resource


@dataclass(frozen=True, slots=True)
class TableDecision:
    """What happens to one table. `parts` names the missing indexes and constraints that are made
    again; `drop` says that the existing table goes first; `clear` that it is emptied."""

    table: TableConversion
    create: bool = False
    load: bool = False
    clear: bool = False
    drop: bool = False
    reason: str = ""
    parts: tuple[str, ...] = ()


def decide_tables(
    address: str,
    task: TaskConfig,
    seen: SchemaActual,
    known: Resource | None,
    hazards: list[Hazard],
    drift: list[str],
) -> list[TableDecision]:
    """One decision per wanted table; hazards and drift are appended to the given lists."""
    recorded: dict[str, Any] = known.observed.get("tables", {}) if known else {}
    there = {table.name: table for table in seen.target.tables}
    decisions = []
    for table in seen.conversion.tables:
        actual = there.get(table.target.name)
        record = recorded.get(str(table.source.name))
        if actual is None:
            decisions.append(_missing(table, record, drift))
        elif record is not None:
            decisions.append(_managed(address, task, seen, table, actual, record, hazards, drift))
        else:
            decisions.append(_unmanaged(task, seen, table, actual, hazards))
    return decisions


def _missing(table: TableConversion, record: Any, drift: list[str]) -> TableDecision:
    if record is None:
        return TableDecision(table, create=True, load=True, reason="new table")
    drift.append(f"{table.target.name} was dropped outside dmsplan: planned as create and load")
    return TableDecision(table, create=True, load=True, reason="dropped on the target")


def _managed(
    address: str,
    task: TaskConfig,
    seen: SchemaActual,
    table: TableConversion,
    actual: Table,
    record: dict[str, Any],
    hazards: list[Hazard],
    drift: list[str],
) -> TableDecision:
    parts = missing_parts(table, actual)
    drift += [f"{table.target.name}: {part} is gone: planned again" for part in parts]
    changed = differences(table.target, actual, seen.request.target_engine)
    if changed:
        return _changed(table, task, "the table differs: " + "; ".join(changed), hazards)
    if record.get("move") != move_digest(table):
        return _changed(table, task, "its filter, columns or types changed", hazards)
    return TableDecision(table, parts=parts)


def _changed(table: TableConversion, task: TaskConfig, why: str, hazards: list[Hazard]) -> TableDecision:
    """A table we loaded no longer fits: only a prep mode that says so may touch it."""
    mode = task.target_table_prep_mode
    hazards.append(_prep_hazard(table, mode, why))
    return TableDecision(
        table,
        create=mode == "drop_and_create",
        drop=mode == "drop_and_create",
        load=mode != "do_nothing",
        clear=mode == "truncate_before_load",
        reason=why,
    )


def _prep_hazard(table: TableConversion, mode: str, why: str) -> Hazard:
    target = str(table.target.name)
    if mode == "drop_and_create":
        return Hazard("DMS-D001", "block", target, f"the table is dropped and created again; {why}")
    if mode == "truncate_before_load":
        return Hazard("DMS-D002", "block", target, f"the table is emptied before the load; {why}")
    return Hazard(
        "DMS-D003",
        "block",
        target,
        why,
        hint='target_table_prep_mode = "truncate_before_load" or "drop_and_create", or clear it by hand',
    )


def _unmanaged(
    task: TaskConfig, seen: SchemaActual, table: TableConversion, actual: Table, hazards: list[Hazard]
) -> TableDecision:
    occupied = seen.occupied.get(table.target.name, False)
    changed = differences(table.target, actual, seen.request.target_engine)
    if not changed and not occupied:
        parts = missing_parts(table, actual)
        return TableDecision(table, load=True, reason="adopted: equal and empty", parts=parts)
    why = "the target table is not empty" if occupied else "the target table differs: " + "; ".join(changed)
    mode = task.target_table_prep_mode
    if mode == "truncate_before_load" and changed:
        mode = "do_nothing"
    hazards.append(_prep_hazard(table, mode, why))
    parts = missing_parts(table, actual) if mode == "truncate_before_load" else ()
    return TableDecision(
        table,
        create=mode == "drop_and_create",
        drop=mode == "drop_and_create",
        load=mode != "do_nothing",
        clear=mode == "truncate_before_load",
        reason=why,
        parts=parts,
    )


def missing_parts(table: TableConversion, actual: Table) -> tuple[str, ...]:
    """Names of indexes and constraints that statements would make and the table does not have."""
    names = {i.name for i in actual.indexes} | {f.name for f in actual.foreign_keys}
    names |= {c.name for c in actual.checks}
    if actual.primary_key is not None:
        names.add(actual.primary_key.name)
    missing = []
    for statement in (*table.post_data, *table.foreign_keys):
        if statement.kind == "primary_key" and actual.primary_key is not None:
            continue
        if statement.part and statement.part not in names:
            missing.append(f"{statement.kind.replace('_', ' ')} {statement.part}")
    return tuple(missing)


def object_steps(address: str, target: str, decision: TableDecision) -> list[Step]:
    """DDL steps of one table by stage."""
    table = decision.table
    name = str(table.source.name)
    steps: list[Step] = []

    def add(stage: Stage, statements: tuple[Statement, ...]) -> None:
        if statements:
            steps.append(RunStatements(f"{stage}:{address}:{name}", address, stage, target, statements))

    wanted = _wanted_parts(decision)
    if decision.create:
        add(Stage.PRE_DATA, (*_drop(decision), *table.pre_data, *table.comments))
    add(Stage.POST_DATA, tuple(s for s in table.post_data if decision.create or wanted(s)))
    keys = tuple(s for s in table.foreign_keys if decision.create or wanted(s))
    validate = tuple(s for s in table.validate if any(k.part == s.part for k in keys))
    add(Stage.FOREIGN_KEYS, keys)
    if validate:
        id = f"validate:{address}:{name}"
        steps.append(RunStatements(id, address, Stage.FOREIGN_KEYS, target, validate))
    if decision.load:
        add(Stage.SEQUENCES, table.sequences)
    return steps


def _wanted_parts(decision: TableDecision):  # type: ignore[no-untyped-def]
    parts = {part.rpartition(" ")[2] for part in decision.parts}
    return lambda statement: statement.part in parts


def _drop(decision: TableDecision) -> tuple[Statement, ...]:
    if not decision.drop:
        return ()
    name = decision.table.target.name
    drop = next((s for s in decision.table.pre_data if s.kind == "table"), None)
    if drop is None:
        return ()
    quoted = drop.sql.split("(", 1)[0].strip()[len("CREATE TABLE ") :].strip()
    return (Statement(f"DROP TABLE {quoted}", "drop_table", name),)


def load_step(
    address: str,
    task: TaskConfig,
    source: str,
    target: str,
    decision: TableDecision,
    strategy: LoadStrategy,
    *,
    rows: int,
    size_bytes: int,
) -> LoadTable:
    """The load of one table."""
    move = decision.table.move
    return LoadTable(
        id=f"load:{address}:{move.source}",
        address=address,
        task=address,
        source=source,
        target=target,
        move=move,
        strategy=strategy,
        segment_rows=rows,
        segment_bytes=size_bytes,
        clear=decision.clear or decision.reason == "dropped on the target",
        require_single_snapshot=task.require_single_snapshot,
        load_order=decision.table.load_order,
    )


def observed_tables(seen: SchemaActual) -> dict[str, Any]:
    """What state records of a loaded task: per source table its target, structure and move."""
    return {
        "tables": {
            str(t.source.name): {
                "target": list(t.target.name),
                "wanted": table_fingerprint(t.target),
                "move": move_digest(t),
            }
            for t in seen.conversion.tables
        }
    }


def move_digest(table: TableConversion) -> str:
    """Digest of how a table's rows travel, without estimates."""
    document = to_document(table.move)
    document.pop("rows", None)
    document.pop("size_bytes", None)
    return digest(document)
