"""Expands `[module.x]`: a folder with variables in and outputs out, which sees only its inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dmsplan import address as names
from dmsplan.config import blocks
from dmsplan.config.scope import Scope, evaluate
from dmsplan.config.source import read_folder
from dmsplan.config.variables import bind, declarations
from dmsplan.diagnostics import Diagnostics

if TYPE_CHECKING:
    from dmsplan.config.load import Found

_LOCAL_KINDS = ("endpoint", "schema", "replication_server", "task")


def shipped_dir() -> Path:
    """The folder of modules that come with dmsplan: in the wheel, or in the repository."""
    installed = Path(__file__).parent.parent / "_shipped" / "modules"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "modules"


def expand_modules(
    found: list[Found],
    scope: Scope,
    folder: Path,
    diagnostics: Diagnostics,
    sources: dict[str, str],
    inside: tuple[Path, ...] = (),
) -> list[Found]:
    """Replace module blocks by the blocks inside them, with prefixed addresses."""
    result = [block for block in found if block.kind != "module"]
    for block in found:
        if block.kind == "module":
            result += _expand(block, scope, folder, diagnostics, sources, inside)
    return result


def _expand(
    block: Found,
    scope: Scope,
    folder: Path,
    diagnostics: Diagnostics,
    sources: dict[str, str],
    inside: tuple[Path, ...],
) -> list[Found]:
    from dmsplan.config.load import checked, collect

    module = checked(blocks.ModuleBlock, block, diagnostics)
    path = _folder(module.source, block, folder, diagnostics) if module else None
    if module is None or path is None:
        return []
    if path in inside:
        diagnostics.error("DMS-E022", f"module {path.name} contains itself", block.file.span(block.path))
        return []
    inputs = evaluate(module.inputs, block.file, (*block.path, "inputs"), scope, diagnostics)
    files = read_folder(path, diagnostics, prefix=f"{module.source}/")
    sources.update({file.name: file.text for file in files})
    raw = collect(files, diagnostics, prefix=block.address)
    for wrong in [b for b in raw if b.kind in blocks.ROOT_ONLY]:
        diagnostics.error(
            "DMS-E023", f"a module may not hold {wrong.kind}", wrong.file.span(wrong.path)
        )
    declared = declarations(raw, diagnostics)
    for name in sorted(set(inputs) - set(declared)):
        span = block.file.span((*block.path, "inputs", name))
        diagnostics.error("DMS-E020", f'{block.address} has no input "{name}"', span)
    values = bind(declared, {k: (v, block.address) for k, v in inputs.items()}, diagnostics)
    inner = Scope(values, scope.root, path, scope.project)
    kept = [b for b in raw if b.kind not in (*blocks.ROOT_ONLY, "variable")]
    kept = expand_modules(kept, inner, folder, diagnostics, sources, (*inside, path))
    for item in kept:
        if item.kind == "locals":
            inner.locals.update(item.values)
    _resolve(kept, inner, block.address, diagnostics)
    outputs = {str(b.path[-1]): b.values.get("value") for b in kept if b.kind == "output"}
    scope.modules[str(block.path[-1])] = outputs
    return [b for b in kept if b.kind not in ("locals", "output")]


def _resolve(found: list[Found], scope: Scope, prefix: str, diagnostics: Diagnostics) -> None:
    """Evaluate a module's blocks and make its own addresses absolute."""
    own = {".".join(b.address.removeprefix(prefix + ".").split(".")) for b in found}
    for block in found:
        if block.kind == "locals" or block.prefix != prefix:
            continue
        values = evaluate(block.values, block.file, block.path, scope, diagnostics)
        block.values = {key: _absolute(value, own, prefix) for key, value in values.items()}


def _absolute(value: Any, own: set[str], prefix: str) -> Any:
    if isinstance(value, str) and value in own and value.split(".")[0] in _LOCAL_KINDS:
        return names.join(prefix, value)
    return value


def _folder(source: str, block: Found, folder: Path, diagnostics: Diagnostics) -> Path | None:
    span = block.file.span((*block.path, "source"), value=True)
    if source.startswith("."):
        path = (folder / source).resolve()
        if not path.is_relative_to(folder.resolve()):
            diagnostics.error("DMS-E021", f"module source {source} leaves the project", span)
            return None
    else:
        path = shipped_dir() / source
    if not path.is_dir() or not names.is_name(path.name):
        known = sorted(p.name for p in shipped_dir().glob("*") if p.is_dir())
        hint = f"shipped modules: {', '.join(known)}; a folder begins with ./"
        diagnostics.error("DMS-E021", f'there is no module "{source}"', span, hint=hint)
        return None
    return path
