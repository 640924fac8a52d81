"""A saved plan: a zip of plain text whose bytes depend on the decisions only."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from dmsplan.errors import ConfigError
from dmsplan.model.document import to_document
from dmsplan.planner.plan import FORMAT_VERSION, Plan, plan_from_document
from dmsplan.planner.steps import RunStatements

_EPOCH = (1980, 1, 1, 0, 0, 0)
_OUTSIDE = ("estimates", "created", "unchanged", "notes")


def save_plan(plan: Plan, path: Path, report: str) -> str:
    """Write `plan` to `path` with a Markdown `report` beside it; returns the plan's digest.

    The file is complete or absent: it is written beside its place and renamed.
    """
    members = _members(plan, report)
    manifest = {
        "format_version": FORMAT_VERSION,
        "digest": plan.digest(),
        "members": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in members.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in [("MANIFEST.json", _json(manifest)), *members.items()]:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, zipfile.ZIP_DEFLATED)
    temporary = path.with_name(path.name + ".partial")
    temporary.write_bytes(buffer.getvalue())
    temporary.replace(path)
    return plan.digest()


def read_plan(path: Path) -> Plan:
    """Read a saved plan; ConfigError when it is missing, damaged or of another version."""
    hint = "make it again: dmsplan plan --out " + path.name
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("MANIFEST.json"))
            texts = {name: archive.read(name) for name in manifest["members"]}
    except FileNotFoundError as exc:
        raise ConfigError(f"there is no plan file {path}", hint="dmsplan plan --out FILE") from exc
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError, RuntimeError) as exc:
        raise ConfigError(f"{path} is not a readable plan file: {exc}", hint=hint) from exc
    for name, digest in manifest["members"].items():
        if hashlib.sha256(texts[name]).hexdigest() != digest:
            raise ConfigError(f"{path} is damaged: {name} does not match its checksum", hint=hint)
    try:
        document = json.loads(texts["plan.json"])
        document.update(json.loads(texts["evidence.json"]))
        plan = plan_from_document(document)
    except (KeyError, ValueError, TypeError, StopIteration) as exc:
        raise ConfigError(f"{path} does not hold a plan this version can read: {exc}", hint=hint) from exc
    if plan.digest() != manifest["digest"]:
        raise ConfigError(f"{path} is damaged: its digest does not match its content", hint=hint)
    return plan


def _members(plan: Plan, report: str) -> dict[str, str]:
    document = plan.to_document()
    evidence = {name: document.pop(name) for name in _OUTSIDE}
    members = {"plan.json": _json(document), **_ddl(plan)}
    members["unconvertible.json"] = _json([to_document(i) for i in plan.items if i.severity != "info"])
    members["report.md"] = report
    members["evidence.json"] = _json(evidence)
    return members


def _ddl(plan: Plan) -> dict[str, str]:
    files: dict[str, list[str]] = {}
    for step in plan.steps:
        if isinstance(step, RunStatements):
            for statement in step.statements:
                parts = [step.endpoint, statement.name.schema or "_", statement.name.name or "_schema"]
                name = "ddl/" + "/".join(_safe(part) for part in parts) + ".sql"
                files.setdefault(name, []).append(statement.sql.rstrip(";") + ";\n")
    return {name: "".join(files[name]) for name in sorted(files)}


def _safe(part: str) -> str:
    kept = "".join(c if c.isalnum() or c in "._-" else f"%{ord(c):02x}" for c in part)
    return kept if kept.strip(".") else "%2e" + kept


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
