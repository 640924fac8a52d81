"""load_project: the only entrance. Files, variables, modules and references become a Project."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dmsplan import address as names
from dmsplan.config import blocks
from dmsplan.config.modules import expand_modules
from dmsplan.config.scope import Scope, evaluate_tree
from dmsplan.config.source import Path_, SourceFile, read_folder
from dmsplan.config.variables import gather_variables
from dmsplan.diagnostics import ConfigInvalid, Diagnostic, Diagnostics, Span


@dataclass(frozen=True, slots=True)
class Config:
    """One block of the project: its address, its checked settings and its place."""

    address: str
    settings: Any
    span: Span
    engine: str = ""

    def __getattr__(self, name: str) -> Any:
        """Settings read as plain attributes; `schema` stands for the field that pydantic reserves."""
        return getattr(self.settings, "schema_" if name == "schema" else name)

    def to_json(self) -> dict[str, Any]:
        """JSON-safe settings, secrets as references."""
        document: dict[str, Any] = self.settings.model_dump(mode="json", by_alias=True)
        return {"engine": self.engine, "settings": document} if self.engine else document


M = TypeVar("M", bound=BaseModel)

EndpointConfig = SchemaConfig = TaskConfig = ServerConfig = Config


@dataclass(frozen=True, slots=True)
class Project:
    """Everything a project folder declares, checked."""

    name: str
    root: Path
    settings: blocks.ProjectBlock
    endpoints: dict[str, Config]
    schemas: dict[str, Config]
    replication_servers: dict[str, Config]
    tasks: dict[str, Config]
    outputs: dict[str, Config]
    accepts: tuple[Config, ...]
    sources: dict[str, str]
    digest: str
    warnings: tuple[Diagnostic, ...] = field(default=())


@dataclass(slots=True)
class Found:
    """A raw block: kind, address, values after evaluation, and where it stands."""

    kind: str
    address: str
    values: dict[str, Any]
    file: SourceFile
    path: Path_
    prefix: str = ""


def load_project(
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    var_files: Sequence[Path] = (),
    environ: Mapping[str, str] | None = None,
    plugins: Mapping[str, Any] | None = None,
) -> Project:
    """Read a project folder. ConfigInvalid carries every independent mistake at once."""
    diagnostics = Diagnostics()
    files = read_folder(folder, diagnostics)
    sources = {file.name: file.text for file in files}
    if not files and not diagnostics.failed:
        diagnostics.error(
            "DMS-E003", f"there is no dmsplan.toml in {folder}", hint="dmsplan init --example"
        )
    found = collect(files, diagnostics)
    values = gather_variables(
        found, folder, variables or {}, var_files, os.environ if environ is None else environ, diagnostics
    )
    scope = Scope(values, folder, folder, _project_name(found))
    found = expand_modules(found, scope, folder, diagnostics, sources)
    evaluate_tree(found, scope, diagnostics)
    project = _build(found, folder, sources, diagnostics, plugins)
    if diagnostics.failed or project is None:
        raise ConfigInvalid(diagnostics, sources)
    return project


def _project_name(found: list[Found]) -> str:
    return next((str(f.values.get("name", "")) for f in found if f.kind == "project"), "")


def collect(files: list[SourceFile], diagnostics: Diagnostics, prefix: str = "") -> list[Found]:
    """Blocks of all files; unknown kinds and duplicate addresses are reported."""
    found: list[Found] = []
    seen: dict[str, Span] = {}
    for file in files:
        for kind, value in file.values.items():
            span = file.span((kind,))
            if kind in blocks.SINGLE and isinstance(value, dict):
                found.append(Found(kind, kind, value, file, (kind,), prefix))
            elif kind in blocks.LISTS and isinstance(value, list):
                found += [
                    Found(kind, f"{kind}[{number}]", entry, file, (kind, number), prefix)
                    for number, entry in enumerate(value)
                    if isinstance(entry, dict)
                ]
            elif kind in blocks.NAMED and isinstance(value, dict):
                found += _named(kind, value, file, prefix, seen, diagnostics)
            elif kind in (*blocks.SINGLE, *blocks.LISTS, *blocks.NAMED):
                diagnostics.error("DMS-E004", f"{kind} is not written like this", span)
            else:
                known = [*blocks.SINGLE, *blocks.LISTS, *blocks.NAMED]
                diagnostics.error("DMS-E005", f'unknown block "{kind}"', span, hint=_near(kind, known))
    return found


def _named(
    kind: str,
    value: dict[str, Any],
    file: SourceFile,
    prefix: str,
    seen: dict[str, Span],
    diagnostics: Diagnostics,
) -> list[Found]:
    found = []
    for name, body in value.items():
        span = file.span((kind, name))
        address = names.join(prefix, kind, name)
        if not names.is_name(name):
            diagnostics.error("DMS-E006", f'"{name}" is not a name', span, hint="letters, digits, _ and -")
        elif not isinstance(body, dict):
            diagnostics.error("DMS-E004", f"{address} is not a table", span, hint=f"[{kind}.{name}]")
        elif address in seen:
            first = seen[address]
            diagnostics.error("DMS-E008", f"{address} is declared twice", span, detail=f"first at {first}")
        else:
            seen[address] = span
            found.append(Found(kind, address, body, file, (kind, name), prefix))
    return found


def _near(word: str, known: Sequence[str]) -> str | None:
    near = difflib.get_close_matches(word, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(known))}"


def _build(
    found: list[Found],
    folder: Path,
    sources: dict[str, str],
    diagnostics: Diagnostics,
    plugins: Mapping[str, Any] | None,
) -> Project | None:
    groups: dict[str, dict[str, Config]] = {kind: {} for kind in ("endpoint", "schema", "output")}
    groups.update(task={}, replication_server={})
    accepts: list[Config] = []
    project: blocks.ProjectBlock | None = None
    for block in found:
        if block.kind == "project":
            project = checked(blocks.ProjectBlock, block, diagnostics)
        elif block.kind == "endpoint":
            _endpoint(block, groups["endpoint"], diagnostics, plugins)
        elif block.kind in blocks.RESOURCES:
            _add(groups[block.kind], block, checked(blocks.RESOURCES[block.kind], block, diagnostics))
        elif block.kind == "output" and not block.prefix:
            _add(groups["output"], block, checked(blocks.OutputBlock, block, diagnostics))
        elif block.kind == "accept":
            entry = checked(blocks.AcceptEntry, block, diagnostics)
            if entry is not None:
                accepts.append(Config(block.address, entry, block.file.span(block.path)))
    if project is None and not diagnostics.failed:
        diagnostics.error("DMS-E009", "there is no [project] block", hint='[project]\nname = "shop"')
    _references(found, groups, folder, diagnostics)
    if project is None:
        return None
    ordered = {kind: dict(sorted(group.items())) for kind, group in groups.items()}
    document = {kind: {a: c.to_json() for a, c in group.items()} for kind, group in ordered.items()}
    document["accept"] = {str(n): a.to_json() for n, a in enumerate(accepts)}
    text = json.dumps(document, sort_keys=True, default=str)
    return Project(
        project.name,
        folder,
        project,
        ordered["endpoint"],
        ordered["schema"],
        ordered["replication_server"],
        ordered["task"],
        ordered["output"],
        tuple(accepts),
        sources,
        "sha256:" + hashlib.sha256(text.encode()).hexdigest(),
        tuple(item for item in diagnostics if item.severity == "warning"),
    )


def _add(group: dict[str, Config], block: Found, settings: BaseModel | None) -> None:
    if settings is not None:
        group[block.address] = Config(block.address, settings, block.file.span(block.path))


def _endpoint(
    block: Found, group: dict[str, Config], diagnostics: Diagnostics, plugins: Mapping[str, Any] | None
) -> None:
    values = dict(block.values)
    engine = values.pop("engine", None)
    span = block.file.span((*block.path, "engine"), value=True)
    if plugins is None:
        from dmsplan.endpoints.registry import plugins as registered

        plugins = registered()
    if engine is None:
        diagnostics.error("DMS-E010", f'{block.address} has no "engine"', block.file.span(block.path))
    elif engine not in plugins:
        hint = _near(str(engine), list(plugins))
        diagnostics.error("DMS-E011", f'unknown engine "{engine}"', span, hint=hint)
    else:
        bare = Found(block.kind, block.address, values, block.file, block.path)
        settings = checked(plugins[engine].settings, bare, diagnostics)
        if settings is not None:
            place = block.file.span(block.path)
            group[block.address] = Config(block.address, settings, place, plugins[engine].name)


def checked(model: type[M], block: Found, diagnostics: Diagnostics) -> M | None:
    """The block as `model`, or None after reporting each mistake at its key."""
    try:
        return model.model_validate(block.values)
    except ValidationError as exc:
        for error in exc.errors():
            _report(error, model, block, diagnostics)
    return None


def _report(error: Any, model: type[BaseModel], block: Found, diagnostics: Diagnostics) -> None:
    path = (*block.path, *error["loc"])
    span = block.file.span(path, value=True)
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        diagnostics.error("DMS-E010", f'{block.address} has no "{key}"', block.file.span(block.path))
    elif error["type"] == "extra_forbidden":
        fields = [f.alias or n for n, f in model.model_fields.items()]
        last = str(error["loc"][-1])
        hint = _near(last, fields) if len(error["loc"]) == 1 else None
        span = block.file.span(path)
        diagnostics.error("DMS-E012", f'{block.address} has no setting "{key}"', span, hint=hint)
    elif "secret" in error["msg"]:
        message = error["msg"].removeprefix("Value error, ")
        diagnostics.error("DMS-E014", f"{block.address}.{key}: {message}", span)
    else:
        message = error["msg"].removeprefix("Value error, ")
        diagnostics.error("DMS-E013", f"{block.address}.{key}: {message[:1].lower()}{message[1:]}", span)


def _references(
    found: list[Found], groups: dict[str, dict[str, Config]], folder: Path, diagnostics: Diagnostics
) -> None:
    """Addresses must name something of the right kind."""
    declared = {block.address for block in found}
    for block in found:
        fields = {"schema": ("source", "target"), "task": ("schema", "replication_server")}.get(block.kind, ())
        for name in fields:
            value = block.values.get(name)
            kind = "endpoint" if block.kind == "schema" else name
            if not isinstance(value, str) or value in groups[kind] or (value in declared and kind in value):
                continue
            span = block.file.span((*block.path, name), value=True)
            hint = _near(value, list(groups[kind])) if groups[kind] else f"declare [{kind}.NAME]"
            diagnostics.error("DMS-E007", f'unknown {kind.replace("_", " ")} "{value}"', span, hint=hint)
    state = (folder / "state" / "dmsplan.duckdb").resolve()
    for config in groups["endpoint"].values():
        path = getattr(config.settings, "path", None)
        if config.engine == "duckdb" and path and Path(folder, str(path)).resolve() == state:
            diagnostics.error("DMS-E016", f"{config.address} is the state file itself", config.span)
