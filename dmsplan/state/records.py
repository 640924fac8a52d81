"""The records of the state; every document is plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Meta:
    """Which state this is: `lineage` never changes, `serial` grows with every commit."""

    format_version: int
    lineage: str
    project: str
    serial: int


@dataclass(frozen=True, slots=True)
class Resource:
    """One address. `status`: pending applying ready failed interrupted cut_over forgotten."""

    address: str
    kind: str
    rev: int = 0
    status: str = "pending"
    config: dict[str, Any] = field(default_factory=dict)
    observed: dict[str, Any] = field(default_factory=dict)
    deps: tuple[str, ...] = ()
    updated_serial: int = 0


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """A resource as it shall be, and why (the action's word)."""

    action: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class Run:
    """One apply or destroy. `outcome` is '' while it runs."""

    run_id: str
    op: str
    plan_digest: str
    actor: str
    base_serial: int
    started: str
    ended: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """One change of one address."""

    serial: int
    run_id: str
    address: str
    action: str
    at: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may write. Times are seconds since the epoch."""

    name: str
    id: str
    epoch: int
    op: str
    user: str
    host: str
    pid: int
    boot_id: str
    acquired: float
    renewed: float
    ttl: float
    released: bool = False


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of a run's journal: `state` is started, done or failed."""

    number: int
    step: str
    address: str
    state: str
    document: dict[str, Any]
    at: str
