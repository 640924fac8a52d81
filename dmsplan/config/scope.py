"""What names mean inside `${…}`, and evaluating every string of every block."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmsplan.config.interpolate import ExpressionError, interpolate
from dmsplan.config.source import Path_, SourceFile
from dmsplan.diagnostics import Diagnostics, Span

if TYPE_CHECKING:
    from dmsplan.config.load import Found


@dataclass(slots=True)
class Scope:
    """Names visible in one folder: variables, locals, module outputs, paths, the project.

    `locals` are raw until first used; `resolving` finds cycles and names the chain.
    """

    variables: dict[str, Any]
    root: Path
    module: Path
    project: str
    locals: dict[str, Any] = field(default_factory=dict)
    modules: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    resolving: list[str] = field(default_factory=list)

    def lookup(self, name: str) -> Any:
        """The value of a dotted name; ExpressionError with the nearest known one."""
        head, _, rest = name.partition(".")
        if head == "var":
            return _get(self.variables, rest, "variable", "var.")
        if head == "local":
            return self._local(rest)
        if head == "path" and rest in ("root", "module"):
            return str(self.root if rest == "root" else self.module)
        if name == "project.name":
            return self.project
        if head == "module":
            module, _, output = rest.partition(".")
            return _get(_get(self.modules, module, "module", "module."), output, "output", f"module.{module}.")
        parts = name.split(".")
        if len(parts) >= 3 and ".".join(parts[:2]) in self.resources:
            return _get(self.resources[".".join(parts[:2])], parts[2], "setting", ".".join(parts[:2]) + ".")
        raise ExpressionError(
            f'unknown name "{name}"', hint="names begin with var. local. module. path. project. or an address"
        )

    def _local(self, name: str) -> Any:
        if name in self.resolving:
            chain = " -> ".join(f"local.{n}" for n in [*self.resolving, name])
            raise ExpressionError(f"locals depend on each other: {chain}")
        value = _get(self.locals, name, "local", "local.")
        self.resolving.append(name)
        try:
            return self.value(value)
        finally:
            self.resolving.pop()

    def value(self, raw: Any) -> Any:
        """A raw TOML value with every string evaluated, at any depth."""
        if isinstance(raw, str):
            return interpolate(raw, self.lookup)
        if isinstance(raw, list):
            return [self.value(item) for item in raw]
        if isinstance(raw, dict):
            return {key: self.value(item) for key, item in raw.items()}
        return raw


def _get(known: dict[str, Any], name: str, what: str, prefix: str) -> Any:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f'did you mean "{prefix}{near[0]}"?' if near else None
    raise ExpressionError(f'unknown {what} "{prefix}{name}"', hint=hint)


def evaluate_tree(found: list[Found], scope: Scope, diagnostics: Diagnostics) -> None:
    """Evaluate the strings of every root block in place; mistakes become diagnostics."""
    for block in found:
        if block.kind == "locals" and not block.prefix:
            scope.locals.update(block.values)
        if block.kind == "endpoint" and not block.prefix:
            scope.resources[block.address] = {k: v for k, v in block.values.items() if not isinstance(v, dict)}
    for block in found:
        if block.kind not in ("locals", "variable", "module") and not block.prefix:
            block.values = evaluate(block.values, block.file, block.path, scope, diagnostics)


def evaluate(raw: Any, file: SourceFile, path: Path_, scope: Scope, diagnostics: Diagnostics) -> Any:
    """One value of a block; a bad expression is reported at its place and left as it is."""
    if isinstance(raw, dict):
        return {k: evaluate(v, file, (*path, k), scope, diagnostics) for k, v in raw.items()}
    if isinstance(raw, list):
        return [evaluate(v, file, (*path, n), scope, diagnostics) for n, v in enumerate(raw)]
    if not isinstance(raw, str) or "${" not in raw:
        return raw
    try:
        return scope.value(raw)
    except ExpressionError as exc:
        place = file.span(path, value=True)
        span = Span(place.file, place.line, place.column + 1 + exc.offset, 1) if exc.offset else place
        diagnostics.error("DMS-E015", str(exc), span, hint=exc.hint)
        return raw
