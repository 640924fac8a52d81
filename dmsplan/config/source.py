"""Reads the TOML files of a folder and knows where every key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dmsplan.diagnostics import Diagnostics, Span

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its text, its values, and the span of each key path (and of its value)."""

    name: str
    text: str
    values: dict[str, Any]
    keys: dict[Path_, Span] = field(default_factory=dict)
    data: dict[Path_, Span] = field(default_factory=dict)

    def span(self, path: Path_, *, value: bool = False) -> Span:
        """The place of a key path, or of the nearest known parent."""
        table = self.data if value else self.keys
        for end in range(len(path), 0, -1):
            found = table.get(path[:end]) or self.keys.get(path[:end])
            if found is not None:
                return found
        return Span(self.name, 1)


def read_folder(folder: Path, diagnostics: Diagnostics, prefix: str = "") -> list[SourceFile]:
    """`dmsplan.toml` and every `*.dms.toml` of a folder, sorted; broken ones become diagnostics."""
    paths = [p for p in [folder / "dmsplan.toml"] if p.is_file()]
    paths += sorted(p for p in folder.glob("*.dms.toml") if p.is_file())
    files = []
    for path in paths:
        found = read_file(path, prefix + path.name, diagnostics)
        if found is not None:
            files.append(found)
    return files


def read_file(path: Path, name: str, diagnostics: Diagnostics) -> SourceFile | None:
    """One file, or None with a diagnostic when it cannot be read or is not TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as exc:
        diagnostics.error("DMS-E001", f"{name} cannot be read: {exc}", Span(name, 1))
        return None
    except tomllib.TOMLDecodeError as exc:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(exc))
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        message = str(exc).split(" (at ")[0]
        diagnostics.error("DMS-E002", f"not valid TOML: {message}", Span(name, line, column))
        return None
    keys, data = positions(text, name)
    return SourceFile(name, text, values, keys, data)


def positions(text: str, name: str) -> tuple[dict[Path_, Span], dict[Path_, Span]]:
    """Spans by key path, of the keys and of the values."""
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode())
    lines = text.encode().split(b"\n")
    keys: dict[Path_, Span] = {}
    data: dict[Path_, Span] = {}
    counts: dict[Path_, int] = {}

    def span(node: Any) -> Span:
        row, start = node.start_point
        before = lines[row][:start].decode(errors="replace")
        same = node.end_point[0] == row
        shown = lines[row][start : node.end_point[1] if same else None].decode(errors="replace")
        return Span(name, row + 1, len(before) + 1, max(1, len(shown)))

    def remember(path: Path_, node: Any) -> None:
        for end in range(1, len(path) + 1):
            keys.setdefault(path[:end], span(node))
        keys[path] = span(node)

    def pair(node: Any, base: Path_) -> None:
        path = base + tuple(_key(node.children[0]))
        remember(path, node.children[0])
        value(node.children[-1], path)

    def value(node: Any, path: Path_) -> None:
        data[path] = span(node)
        if node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    pair(child, path)
        elif node.type == "array":
            items = [c for c in node.children if c.is_named and c.type != "comment"]
            for number, item in enumerate(items):
                keys[(*path, number)] = span(item)
                value(item, (*path, number))

    for node in tree.root_node.children:
        if node.type == "pair":
            pair(node, ())
        elif node.type in ("table", "table_array_element"):
            header = next(c for c in node.children if c.type in ("bare_key", "quoted_key", "dotted_key"))
            base = _resolved(tuple(_key(header)), counts)
            if node.type == "table_array_element":
                number = counts.get(base, 0)
                counts[base] = number + 1
                base = (*base, number)
            remember(base, header)
            for child in node.children:
                if child.type == "pair":
                    pair(child, base)
    return keys, data


def _resolved(path: Path_, counts: dict[Path_, int]) -> Path_:
    """A header inside an array of tables belongs to its last element."""
    done: Path_ = ()
    for number, part in enumerate(path):
        done = (*done, part)
        if number < len(path) - 1 and done in counts:
            done = (*done, counts[done] - 1)
    return done


def _key(node: Any) -> Iterator[str]:
    if node.type == "dotted_key":
        for child in node.children:
            if child.type in ("bare_key", "quoted_key", "dotted_key"):
                yield from _key(child)
    elif node.type == "quoted_key":
        yield next(iter(tomllib.loads(node.text.decode() + " = 0")))
    else:
        yield node.text.decode()
