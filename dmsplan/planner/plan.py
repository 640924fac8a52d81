"""The plan: what was decided, frozen, and its JSON form."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from dmsplan.convert.result import InventoryRow, Item, TypeLoss
from dmsplan.model.document import from_document, to_document
from dmsplan.planner.steps import Step, step_from_document, step_to_document

FORMAT_VERSION = "1.0"


class Action(StrEnum):
    """What happens to an address; symbols are printed beside the word."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"
    IMPORT = "import"
    MOVE = "move"
    CONVERT = "convert"
    RELOAD = "reload"
    RESUME = "resume"
    START = "start"
    STOP = "stop"
    NO_OP = "no-op"

    @property
    def symbol(self) -> str:
        return _SYMBOLS[self]


_SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "±",
    Action.DESTROY: "-",
    Action.FORGET: ".",
    Action.IMPORT: "<",
    Action.MOVE: ">",
    Action.CONVERT: "C",
    Action.RELOAD: "R",
    Action.RESUME: "▶",
    Action.START: "s",
    Action.STOP: "x",
    Action.NO_OP: " ",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one address. `because` holds the causes as sentences, `where` the
    configuration line behind it, `objects` the tables or other objects concerned."""

    action: Action
    address: str
    kind: str
    because: tuple[str, ...] = ()
    where: str = ""
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hazard:
    """A risk found while planning. `severity` is block, warn or info; an accepted one does not
    block. `evidence` names what was looked at."""

    code: str
    severity: str
    address: str
    message: str
    hint: str = ""
    evidence: str = ""
    accepted: str = ""

    @property
    def blocks(self) -> bool:
        return self.severity == "block" and not self.accepted


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """What an endpoint was when the plan was made: server identity and the fingerprint of each
    object the plan looked at. Secrets are not here, only how to ask for them."""

    address: str
    engine: str
    product: str
    version: str
    id: str
    database: str
    objects: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Rows and bytes of one table by the source's statistics; outside the digest."""

    table: str
    rows: int | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything `apply` needs.

    `lineage` and `serial` are the state's when the plan was made; `revs` the revisions of the
    resources it touches. `config` is each endpoint's settings with secret references. `workers`
    is per task. `estimates`, `created` and `unchanged` are for display and outside the digest.
    """

    project: str
    tool: str
    lineage: str
    serial: int
    revs: dict[str, int]
    config_digest: str
    endpoints: dict[str, dict[str, Any]]
    facts: tuple[EndpointFacts, ...]
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    hazards: tuple[Hazard, ...] = ()
    losses: tuple[TypeLoss, ...] = ()
    items: tuple[Item, ...] = ()
    inventory: tuple[InventoryRow, ...] = ()
    drift: tuple[str, ...] = ()
    workers: dict[str, int] = field(default_factory=dict)
    memory_limit_mib: int = 1024
    secret_dirs: tuple[str, ...] = ()
    outputs: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unchanged: int = 0
    estimates: tuple[Estimate, ...] = ()
    created: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps

    @property
    def blocked(self) -> tuple[Hazard, ...]:
        """The hazards that stop an apply."""
        return tuple(hazard for hazard in self.hazards if hazard.blocks)

    def digest(self) -> str:
        """sha256 over the decisions; estimates, times and display counts are left out, and so
        are the row and byte estimates inside moves."""
        document = self.to_document()
        for name in ("estimates", "created", "unchanged", "digest", "notes"):
            document.pop(name, None)
        for step in document["steps"]:
            for name in ("rows", "size_bytes"):
                step.get("move", {}).pop(name, None)
        text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """The JSON form; `format_version` first. Empty parts are left out."""
        names = [name for name in self.__dataclass_fields__ if name != "steps"]
        document: dict[str, Any] = {"format_version": FORMAT_VERSION}
        document.update({name: to_document(getattr(self, name)) for name in names})
        document["steps"] = [step_to_document(step) for step in self.steps]
        return document


def plan_from_document(document: dict[str, Any]) -> Plan:
    """Read a plan's JSON form; ValueError or KeyError when it is not one of this version."""
    values = dict(document)
    version = str(values.pop("format_version", ""))
    if version.split(".")[0] != FORMAT_VERSION.split(".")[0]:
        raise ValueError(f"plan format {version or 'missing'}, this dmsplan reads {FORMAT_VERSION}")
    values.pop("digest", None)
    steps = values.pop("steps")
    bare = from_document(Plan, {**values, "steps": []})
    return replace(bare, steps=tuple(step_from_document(step) for step in steps))
