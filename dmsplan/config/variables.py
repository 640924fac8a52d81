"""Where the values of variables come from, lowest first: default, *.auto.toml, --var-file,
DMSPLAN_VAR_name, --var."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmsplan.config.blocks import VariableBlock
from dmsplan.config.interpolate import ExpressionError, evaluate
from dmsplan.diagnostics import Diagnostics

if TYPE_CHECKING:
    from dmsplan.config.load import Found

_PREFIX = "DMSPLAN_VAR_"


def gather_variables(
    found: list[Found],
    folder: Path,
    given: Mapping[str, str],
    files: Sequence[Path],
    environ: Mapping[str, str],
    diagnostics: Diagnostics,
) -> dict[str, Any]:
    """The value of every declared variable; unknown, missing and mistyped ones are reported."""
    declared = declarations(found, diagnostics)
    raw: dict[str, tuple[Any, str]] = {}
    for path in [*sorted(folder.glob("*.auto.toml")), *files]:
        for name, value in _file(path, diagnostics).items():
            _known(name, declared, path.name, diagnostics)
            raw[name] = (value, path.name)
    for name in declared:
        if _PREFIX + name in environ:
            raw[name] = (environ[_PREFIX + name], _PREFIX + name)
    for name, text in given.items():
        _known(name, declared, "--var", diagnostics)
        raw[name] = (text, "--var")
    return bind(declared, raw, diagnostics)


def declarations(found: list[Found], diagnostics: Diagnostics) -> dict[str, tuple[VariableBlock, Found]]:
    """The `[variable.x]` blocks by name."""
    from dmsplan.config.load import checked

    declared = {}
    for block in found:
        if block.kind == "variable":
            variable = checked(VariableBlock, block, diagnostics)
            if variable is not None:
                declared[str(block.path[-1])] = (variable, block)
    return declared


def bind(
    declared: Mapping[str, tuple[VariableBlock, Found]],
    raw: Mapping[str, tuple[Any, str]],
    diagnostics: Diagnostics,
) -> dict[str, Any]:
    """Values of declared variables from raw ones; texts are read by the variable's type."""
    values: dict[str, Any] = {}
    for name, (variable, block) in declared.items():
        span = block.file.span(block.path)
        if name in raw:
            value, origin = raw[name]
            try:
                values[name] = typed(variable.type, value)
            except (ValueError, TypeError):
                shown = "its value" if variable.sensitive else repr(value)
                diagnostics.error(
                    "DMS-E018", f"variable {name} is {variable.type}, {shown} from {origin} is not", span
                )
                continue
        elif "default" in block.values:
            values[name] = variable.default
        else:
            diagnostics.error(
                "DMS-E017", f"variable {name} has no value", span, hint=f"--var {name}=… or {_PREFIX}{name}"
            )
            continue
        _rule(name, variable, values[name], block, diagnostics)
    return values


def _rule(name: str, variable: VariableBlock, value: Any, block: Found, diagnostics: Diagnostics) -> None:
    if not variable.validate_:
        return
    span = block.file.span((*block.path, "validate"))
    try:
        good = evaluate(variable.validate_.get("rule", "true"), {"value": value}.__getitem__)
    except (ExpressionError, KeyError) as exc:
        diagnostics.error("DMS-E015", f"the rule of variable {name}: {exc}", span)
        return
    if not good:
        message = variable.validate_.get("message", variable.validate_.get("rule", ""))
        diagnostics.error("DMS-E019", f"variable {name}: {message}", span)


def typed(kind: str, value: Any) -> Any:
    """A value as its variable's type; ValueError or TypeError when it is not one."""
    if isinstance(value, str):
        if kind == "int":
            return int(value)
        if kind == "float":
            return float(value)
        if kind == "bool":
            return {"true": True, "false": False}[value.lower()] if value.lower() in ("true", "false") else _no()
        if kind in ("list(string)", "map(string)"):
            value = tomllib.loads("v = " + value)["v"]
    wanted = {"string": str, "int": int, "float": (int, float), "bool": bool}
    wanted |= {"list(string)": list, "map(string)": dict}
    expected = wanted.get(kind, object)
    if not isinstance(value, expected) or (isinstance(value, bool) and kind in ("int", "float")):  # type: ignore[arg-type]
        raise TypeError(kind)
    return value


def _no() -> Any:
    raise ValueError("not a boolean")


def _file(path: Path, diagnostics: Diagnostics) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        diagnostics.error("DMS-E002", f"variable file {path} cannot be read: {exc}")
        return {}


def _known(name: str, declared: Mapping[str, Any], origin: str, diagnostics: Diagnostics) -> None:
    if name not in declared:
        near = difflib.get_close_matches(name, list(declared), n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"declare [variable.{name}]"
        diagnostics.error("DMS-E020", f'{origin} sets unknown variable "{name}"', hint=hint)
