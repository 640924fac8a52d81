"""build_plan: desired, recorded and actual become changes and steps. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dmsplan import __version__
from dmsplan.config.load import Project, TaskConfig
from dmsplan.errors import BlockedError
from dmsplan.model.objects import ServerIdentity
from dmsplan.planner.fingerprint import catalog_fingerprints
from dmsplan.planner.hazards import accept, schema_hazards
from dmsplan.planner.plan import Action, Change, EndpointFacts, Estimate, Hazard, Plan
from dmsplan.planner.refresh import Actual, SchemaActual
from dmsplan.planner.removal import removal_steps
from dmsplan.planner.steps import (
    ORDER,
    CountTable,
    Preflight,
    RecordResource,
    RunStatements,
    Stage,
    Step,
)
from dmsplan.planner.tables import TableDecision, decide_tables, load_step, object_steps, observed_tables
from dmsplan.state.records import Resource
from dmsplan.state.store import Snapshot

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_ROWS = 500_000


@dataclass
class _Draft:
    """What is collected on the way to a Plan."""

    changes: list[Change] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    hazards: list[Hazard] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    revs: dict[str, int] = field(default_factory=dict)
    workers: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0


def build_plan(project: Project, recorded: Snapshot, actual: Actual) -> Plan:
    """Decide everything; the same inputs give the same digest.

    Raises BlockedError only where no plan can be shown at all; hazards are inside the plan.
    """
    draft = _Draft()
    for address, endpoint in sorted(project.endpoints.items()):
        _plain(draft, recorded, address, "endpoint", endpoint.to_json())
    for address, server in sorted(project.replication_servers.items()):
        _plain(draft, recorded, address, "replication_server", server.to_json())
    for address, task in sorted(project.tasks.items()):
        _task(draft, project, recorded, address, task, actual.schemas[task.schema])
    _removed(draft, project, recorded)
    for address, schema in sorted(project.schemas.items()):
        draft.hazards += schema_hazards(actual.schemas[address], dict(schema.types))
    hazards, notes = accept(project, draft.hazards, datetime.now(UTC).date())
    schemas = [actual.schemas[address] for address in sorted(actual.schemas)]
    return Plan(
        project=project.name,
        tool=__version__,
        lineage=recorded.lineage or "",
        serial=recorded.serial,
        revs=draft.revs,
        config_digest=project.digest,
        endpoints={a: e.to_json() for a, e in sorted(project.endpoints.items())},
        facts=_facts(project, actual),
        changes=tuple(draft.changes),
        steps=tuple(sorted(draft.steps, key=lambda s: ORDER[s.stage])),
        hazards=tuple(hazards),
        losses=tuple(loss for s in schemas for t in s.conversion.tables for loss in t.losses),
        items=tuple(
            item
            for s in schemas
            for item in (
                *s.conversion.items,
                *(i for t in s.conversion.tables for i in t.items),
                *s.conversion.unconverted,
            )
        ),
        inventory=tuple(row for s in schemas for row in s.conversion.inventory),
        drift=tuple(draft.drift),
        workers=draft.workers,
        memory_limit_mib=min(
            (s.memory_limit_mib for s in project.replication_servers.values()), default=1024
        ),
        secret_dirs=tuple(project.settings.secret_dirs),
        outputs={a: o.to_json() for a, o in sorted(project.outputs.items())},
        notes=tuple(notes),
        unchanged=draft.unchanged,
        estimates=tuple(
            Estimate(str(t.source.name), t.source.rows, t.source.size_bytes)
            for s in schemas
            for t in s.conversion.tables
        ),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _facts(project: Project, actual: Actual) -> tuple[EndpointFacts, ...]:
    facts: dict[str, EndpointFacts] = {}
    for address, seen in sorted(actual.schemas.items()):
        schema = project.schemas[address]
        wanted = {f"table {t.source.name}" for t in seen.conversion.tables}
        prints = {k: v for k, v in catalog_fingerprints(seen.source).items() if k in wanted}
        _add_facts(facts, schema.source, seen.source.identity, prints)
        targets = {f"table {t.target.name}" for t in seen.conversion.tables}
        existing = catalog_fingerprints(seen.target)
        _add_facts(facts, schema.target, seen.target.identity, {k: existing.get(k, "") for k in targets})
    return tuple(facts[address] for address in sorted(facts))


def _add_facts(
    facts: dict[str, EndpointFacts], address: str, identity: ServerIdentity, objects: dict[str, str]
) -> None:
    known = facts[address].objects if address in facts else {}
    facts[address] = EndpointFacts(
        address,
        identity.engine,
        identity.product,
        identity.version,
        identity.id,
        identity.database,
        dict(sorted({**known, **objects}.items())),
    )


def _plain(draft: _Draft, recorded: Snapshot, address: str, kind: str, config: dict[str, Any]) -> None:
    """An endpoint or a server: only recorded, nothing runs."""
    known = _known(recorded, address)
    if known is not None and known.config == config:
        draft.unchanged += 1
        return
    draft.revs[address] = known.rev if known else 0
    action = Action.UPDATE if known else Action.CREATE
    draft.changes.append(Change(action, address, kind, because=_difference(known, config)))
    draft.steps.append(RecordResource(f"record:{address}", address, kind, config, {}))


def _known(recorded: Snapshot, address: str) -> Resource | None:
    resource = recorded.resources.get(address)
    return None if resource is None or resource.status == "forgotten" else resource


def _difference(known: Resource | None, config: dict[str, Any]) -> tuple[str, ...]:
    if known is None:
        return ()
    names = sorted(set(known.config) | set(config))
    return tuple(
        f"{name} {known.config.get(name)!r} -> {config.get(name)!r}"
        for name in names
        if known.config.get(name) != config.get(name)
    )


def _task(
    draft: _Draft,
    project: Project,
    recorded: Snapshot,
    address: str,
    task: TaskConfig,
    seen: SchemaActual,
) -> None:
    schema = project.schemas[task.schema]
    server = project.replication_servers[task.replication_server] if task.replication_server else None
    draft.workers[address] = server.max_full_load_subtasks if server else 4
    if task.migration_type != "full-load":
        draft.hazards.append(
            Hazard(
                "DMS-T001",
                "block",
                address,
                f'migration_type "{task.migration_type}" is not available in this version',
                hint='migration_type = "full-load"',
            )
        )
        return
    known = _known(recorded, address)
    if known is not None and known.status == "cut_over":
        draft.unchanged += 1
        return
    decisions = decide_tables(address, task, seen, known, draft.hazards, draft.drift)
    config = {"task": task.to_json(), "schema": schema.to_json()}
    observed = observed_tables(seen)
    steps = _steps_of(address, task, schema.source, schema.target, seen, decisions)
    if not steps and known is not None and known.config == config and known.observed == observed:
        draft.unchanged += 2
        return
    draft.revs[address] = known.rev if known else 0
    draft.revs[task.schema] = recorded.resources[task.schema].rev if task.schema in recorded.resources else 0
    draft.changes += _changes(address, task.schema, known, decisions, steps)
    draft.steps += steps
    if steps:
        schemas = tuple(sorted({t.source.name.schema for t in seen.conversion.tables}))
        draft.steps.append(Preflight(f"preflight:{address}", address, schema.source, schema.target, schemas))
    deps = tuple(d for d in (task.schema, task.replication_server, schema.source, schema.target) if d)
    draft.steps.append(RecordResource(f"record:{task.schema}", task.schema, "schema", schema.to_json(), {}))
    draft.steps.append(RecordResource(f"record:{address}", address, "task", config, observed, deps))


def _steps_of(
    address: str,
    task: TaskConfig,
    source: str,
    target: str,
    seen: SchemaActual,
    decisions: list[TableDecision],
) -> list[Step]:
    steps: list[Step] = []
    fresh = any(decision.create for decision in decisions)
    if fresh:
        shared = (*seen.conversion.schemas, *seen.conversion.sequences)
        if shared:
            steps.append(
                RunStatements(f"schemas:{address}", address, Stage.PREFLIGHT, target, tuple(shared))
            )
    for decision in decisions:
        steps += object_steps(address, target, decision)
        if decision.load:
            strategy = seen.strategies[decision.table.source.name]
            steps.append(
                load_step(
                    address,
                    task,
                    source,
                    target,
                    decision,
                    strategy,
                    rows=task.segment_rows or SEGMENT_ROWS,
                    size_bytes=(task.segment_mib or 0) * 1024 * 1024 or SEGMENT_BYTES,
                )
            )
            move = decision.table.move
            steps.append(CountTable(f"count:{address}:{move.source}", address, address, target, move))
    if fresh and seen.conversion.sequence_values:
        values = tuple(seen.conversion.sequence_values)
        steps.append(RunStatements(f"sequences:{address}", address, Stage.SEQUENCES, target, values))
    return steps


def _changes(
    address: str, schema: str, known: Resource | None, decisions: list[TableDecision], steps: list[Step]
) -> list[Change]:
    changes = []
    loads = [d for d in decisions if d.load]
    repairs = [d for d in decisions if not d.load and d.parts]
    if known is None:
        changes.append(Change(Action.CREATE, schema, "schema"))
        changes.append(
            Change(Action.CREATE, address, "task", objects=tuple(str(d.table.source.name) for d in loads))
        )
    elif loads:
        reasons = tuple(dict.fromkeys(d.reason for d in loads))
        names = tuple(str(d.table.source.name) for d in loads)
        changes.append(Change(Action.RELOAD, address, "task", because=reasons, objects=names))
    elif not steps:
        changes.append(Change(Action.UPDATE, address, "task", because=("configuration changed",)))
    if repairs:
        parts = tuple(f"{d.table.target.name}: {part}" for d in repairs for part in d.parts)
        changes.append(
            Change(Action.CONVERT, schema, "schema", because=("missing on the target",), objects=parts)
        )
    return changes


def _removed(draft: _Draft, project: Project, recorded: Snapshot) -> None:
    """Resources in state whose block is gone: forgotten, never dropped."""
    wanted = {*project.endpoints, *project.schemas, *project.tasks, *project.replication_servers}
    gone = [r for a, r in sorted(recorded.resources.items()) if a not in wanted and r.status != "forgotten"]
    for resource in gone:
        draft.revs[resource.address] = resource.rev
        draft.changes.append(
            Change(Action.FORGET, resource.address, resource.kind, because=("its block was removed",))
        )
        draft.steps += removal_steps(resource, project.endpoints)


def require_applyable(plan: Plan) -> None:
    """BlockedError naming the first hazard that nobody accepted."""
    if plan.blocked:
        first = plan.blocked[0]
        more = f" (and {len(plan.blocked) - 1} more)" if len(plan.blocked) > 1 else ""
        raise BlockedError(
            f"{first.code}: {first.message}{more}",
            address=first.address,
            hint=first.hint or f'[[accept]] code = "{first.code}" address = "{first.address}"',
        )
