"""Mistakes in the configuration as collected values, and how one of them is printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dmsplan.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file: 1-based line and column, length in characters on that line."""

    file: str
    line: int
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake or warning. `code` is stable; `span` says where, when it has a place."""

    code: str
    summary: str
    severity: str = "error"
    span: Span | None = None
    address: str | None = None
    hint: str | None = None
    detail: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form of `--json` output."""
        place = self.span and {
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "length": self.span.length,
        }
        return {
            "severity": self.severity,
            "code": self.code,
            "summary": self.summary,
            "span": place,
            "address": self.address,
            "hint": self.hint,
            "detail": self.detail,
        }


class Diagnostics:
    """Collects diagnostics so that all independent mistakes are reported in one pass."""

    def __init__(self) -> None:
        self._items: list[Diagnostic] = []

    def error(self, code: str, summary: str, span: Span | None = None, **more: str | None) -> None:
        """Add an error."""
        item = Diagnostic(code, summary, span=span, **more)  # type: ignore[arg-type]
        if item not in self._items:
            self._items.append(item)

    def warning(self, code: str, summary: str, span: Span | None = None, **more: str | None) -> None:
        """Add a warning."""
        self._items.append(Diagnostic(code, summary, "warning", span, **more))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._items, key=_place))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return any(item.severity == "error" for item in self._items)


def _place(item: Diagnostic) -> tuple[str, int, int]:
    return (item.span.file, item.span.line, item.span.column) if item.span else ("", 0, 0)


class ConfigInvalid(ConfigError):
    """The configuration has mistakes; `diagnostics` holds them all, `sources` the files' texts."""

    def __init__(self, diagnostics: Diagnostics, sources: Mapping[str, str]) -> None:
        self.diagnostics = diagnostics
        self.sources = dict(sources)
        count = sum(1 for item in diagnostics if item.severity == "error")
        super().__init__(f"the configuration has {count} mistake{'s' if count != 1 else ''}")


def printable(text: str) -> str:
    """Text from a file or a database with control characters made visible."""
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text)


def render(item: Diagnostic, sources: Mapping[str, str]) -> str:
    """Plain text of one diagnostic, with the source line and a caret."""
    lines = [f"{item.severity}[{item.code}]: {printable(item.summary)}"]
    if item.span is not None:
        lines.append(f"  --> {item.span}")
        lines += _excerpt(item.span, sources.get(item.span.file))
    elif item.address:
        lines.append(f"  --> {printable(item.address)}")
    if item.detail:
        lines.append(f"  note: {printable(item.detail)}")
    if item.hint:
        lines.append(f"  hint: {printable(item.hint)}")
    return "\n".join(lines)


def _excerpt(span: Span, text: str | None) -> list[str]:
    source = text.split("\n") if text is not None else []
    if not 1 <= span.line <= len(source):
        return []
    line = printable(source[span.line - 1].replace("\t", " "))
    number = str(span.line)
    caret = "^" * max(1, min(span.length, len(line) - span.column + 1))
    gutter = " " * len(number)
    return [
        f" {gutter} |",
        f" {number} | {line}",
        f" {gutter} | {' ' * (span.column - 1)}{caret}",
    ]
