"""destroy and removed blocks: our machinery goes, the user's objects stay (DESIGN §8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dmsplan import __version__
from dmsplan.planner.plan import Action, Change, Plan
from dmsplan.planner.steps import ORDER, ForgetTask, RecordResource, Step
from dmsplan.state.records import Resource
from dmsplan.state.store import Snapshot


def removal_steps(resource: Resource, endpoints: Mapping[str, Any]) -> list[Step]:
    """Steps that forget one recorded resource; a task also loses its control rows on the target
    as long as the target's endpoint is still known."""
    steps: list[Step] = []
    target = resource.config.get("schema", {}).get("target") if resource.kind == "task" else None
    if target in endpoints:
        steps.append(ForgetTask(f"forget:{resource.address}", resource.address, target))
    steps.append(
        RecordResource(
            f"record:{resource.address}",
            resource.address,
            resource.kind,
            resource.config,
            {},
            resource.deps,
            status="forgotten",
        )
    )
    return steps


def build_destroy(name: str, recorded: Snapshot, secret_dirs: tuple[str, ...] = ()) -> Plan:
    """A plan that forgets every resource in state."""
    alive = [r for _, r in sorted(recorded.resources.items()) if r.status != "forgotten"]
    endpoints = {r.address: r.config for r in alive if r.kind == "endpoint"}
    order = {"task": 0, "schema": 1, "replication_server": 2, "endpoint": 3}
    alive.sort(key=lambda r: (order.get(r.kind, 9), r.address))
    steps = [step for resource in alive for step in removal_steps(resource, endpoints)]
    return Plan(
        project=name,
        tool=__version__,
        lineage=recorded.lineage or "",
        serial=recorded.serial,
        revs={r.address: r.rev for r in alive},
        config_digest="",
        endpoints=endpoints,
        facts=(),
        changes=tuple(
            Change(
                Action.FORGET,
                r.address,
                r.kind,
                because=("target objects and data stay",) if r.kind == "task" else (),
            )
            for r in alive
        ),
        steps=tuple(sorted(steps, key=lambda s: ORDER[s.stage])),
        secret_dirs=secret_dirs,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
