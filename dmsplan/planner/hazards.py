"""What stops a plan or wants to be seen first, and which of it the project accepts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from dmsplan.config.load import Project
from dmsplan.convert.result import TableConversion
from dmsplan.model.types import Loss
from dmsplan.planner.plan import Hazard
from dmsplan.planner.refresh import SchemaActual

_RANK = {"block": 0, "warn": 1, "info": 2}


def schema_hazards(actual: SchemaActual, explicit: dict[str, str]) -> list[Hazard]:
    """Hazards of one schema: privileges, lossy types, missing primary keys, conversion items."""
    found = [
        Hazard("DMS-P001", "warn", address, finding.detail or finding.check, hint=finding.fix)
        for address, finding in actual.findings
    ]
    for table in actual.conversion.tables:
        found += _lossy(table, explicit)
        if table.source.primary_key is None:
            found.append(_no_key(table))
        if not table.source.transactional:
            found.append(_outside_snapshot(table))
    everything = [*actual.conversion.items, *(i for t in actual.conversion.tables for i in t.items)]
    found += [
        Hazard(item.code, item.severity, item.address, item.message, hint=item.hint)
        for item in everything
        if item.severity == "block"
    ]
    return found


def _lossy(table: TableConversion, explicit: dict[str, str]) -> list[Hazard]:
    return [
        Hazard(
            "DMS-L001",
            "block",
            loss.address,
            f"{loss.source_type} as {loss.target_type} can lose values: {loss.reason}",
            hint=f'choose a type: [schema.NAME.types] "{loss.address}" = "…", or [[accept]] it',
        )
        for loss in table.losses
        if loss.mark is Loss.LOSSY and loss.address not in explicit and loss.source_type not in explicit
    ]


def _no_key(table: TableConversion) -> Hazard:
    return Hazard(
        "DMS-R001",
        "warn",
        str(table.source.name),
        "the table has no primary key: an interrupted load of it starts again",
        hint="add a primary key on the source",
    )


def _outside_snapshot(table: TableConversion) -> Hazard:
    return Hazard(
        "DMS-R002",
        "warn",
        str(table.source.name),
        f"{table.source.storage or 'its storage engine'} is not transactional: outside the snapshot",
        hint="stop writes to it during the load",
    )


def accept(project: Project, hazards: Iterable[Hazard], today: date) -> tuple[list[Hazard], list[str]]:
    """Mark what `[[accept]]` releases; also returns notes on accepts that expired or match nothing."""
    found = list(hazards)
    notes = []
    for entry in project.accepts:
        label = f"accept {entry.code} at {entry.address}"
        if entry.expires is not None and entry.expires < today:
            notes.append(f"{label} expired on {entry.expires}")
            continue
        hit = False
        for number, hazard in enumerate(found):
            if hazard.code == entry.code and _matches(hazard.address, entry.address):
                found[number] = replace(hazard, accepted=entry.reason or "accepted")
                hit = True
        if not hit:
            notes.append(f"{label} matches nothing")
    return sorted(found, key=lambda h: (_RANK[h.severity], bool(h.accepted), h.code, h.address)), notes


def _matches(address: str, pattern: str) -> bool:
    return address == pattern or fnmatchcase(address, pattern)
