"""`${…}` inside parsed strings: a small typed expression language of our own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!?:()\[\],]))"
)
Lookup = Callable[[str], Any]


class ExpressionError(ValueError):
    """What is wrong with an expression; `offset` counts characters from the string's start."""

    def __init__(self, message: str, offset: int = 0, hint: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "upper": lambda text: str(text).upper(),
    "lower": lambda text: str(text).lower(),
    "trim": lambda text: str(text).strip(),
    "replace": lambda text, old, new: str(text).replace(old, new),
    "join": lambda separator, items: str(separator).join(str(item) for item in items),
    "split": lambda separator, text: str(text).split(separator),
    "concat": lambda *lists: [item for part in lists for item in part],
    "coalesce": lambda *values: next((v for v in values if v not in (None, "")), None),
    "length": len,
    "format": lambda pattern, *values: str(pattern).format(*values),
}


def parts(text: str) -> Iterator[tuple[bool, str, int]]:
    """Cut a string into (is expression, text, offset); `$${` is a literal `${`."""
    position = 0
    literal = ""
    while position < len(text):
        if text.startswith("$${", position):
            literal += "${"
            position += 3
        elif text.startswith("${", position):
            if literal:
                yield False, literal, position
                literal = ""
            end = _end(text, position + 2)
            yield True, text[position + 2 : end], position + 2
            position = end + 1
        else:
            literal += text[position]
            position += 1
    if literal or not text:
        yield False, literal, position


def _end(text: str, start: int) -> int:
    quoted = ""
    for position in range(start, len(text)):
        char = text[position]
        if quoted:
            quoted = "" if char == quoted and text[position - 1] != "\\" else quoted
        elif char in "'\"":
            quoted = char
        elif char == "}":
            return position
    raise ExpressionError('"${" without "}"', start - 2, 'write "$${" for a literal "${"')


def interpolate(text: str, lookup: Lookup) -> Any:
    """The value of a string: typed when it is exactly one expression, a string otherwise."""
    pieces = list(parts(text))
    if len(pieces) == 1 and pieces[0][0]:
        return evaluate(pieces[0][1], lookup, pieces[0][2])
    return "".join(_text(evaluate(piece, lookup, at)) if dynamic else piece for dynamic, piece, at in pieces)


def references(text: str) -> Iterator[tuple[str, int]]:
    """Dotted names used in a string's expressions, with their offsets."""
    for dynamic, piece, at in parts(text):
        if dynamic:
            for kind, token, offset in tokens(piece, at):
                if kind == "name" and "." in token:
                    yield token, offset


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)) or value is None:
        raise ExpressionError("a list or map cannot stand inside a text")
    return str(value)


def tokens(text: str, offset: int = 0) -> list[tuple[str, str, int]]:
    """(kind, token, offset) of an expression."""
    found = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            raise ExpressionError(f"unexpected {stripped[position]!r}", offset + position)
        kind = str(match.lastgroup)
        found.append((kind, match[kind], offset + match.start(kind)))
        position = match.end()
    return found


def evaluate(text: str, lookup: Lookup, offset: int = 0) -> Any:
    """The value of one expression; ExpressionError when it is not one."""
    parser = _Parser(tokens(text, offset), lookup, offset)
    value = parser.choice()
    parser.expect_end()
    return value


class _Parser:
    """Recursive descent: choice ?: , or, and, comparison, not, postfix, atom."""

    def __init__(self, found: list[tuple[str, str, int]], lookup: Lookup, offset: int) -> None:
        self._tokens = [*found, ("end", "", found[-1][2] + len(found[-1][1]) if found else offset)]
        self._at = 0
        self._lookup = lookup

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._tokens[self._at][0] == "sign" else ""

    def _take(self, *signs: str) -> str:
        if self._peek() in signs and self._peek():
            self._at += 1
            return self._tokens[self._at - 1][1]
        return ""

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise ExpressionError(f"expected {sign!r}", self._tokens[self._at][2])

    def expect_end(self) -> None:
        if self._tokens[self._at][0] != "end":
            raise ExpressionError(f"unexpected {self._tokens[self._at][1]!r}", self._tokens[self._at][2])

    def choice(self) -> Any:
        value = self._either()
        if self._take("?"):
            first = self.choice()
            self._expect(":")
            second = self.choice()
            return first if value else second
        return value

    def _either(self) -> Any:
        value = self._both()
        while self._take("||"):
            value = bool(self._both()) or bool(value)
        return value

    def _both(self) -> Any:
        value = self._comparison()
        while self._take("&&"):
            value = bool(self._comparison()) and bool(value)
        return value

    def _comparison(self) -> Any:
        left = self._negation()
        sign = self._take("==", "!=", "<=", ">=", "<", ">")
        if not sign:
            return left
        right = self._negation()
        try:
            return {
                "==": lambda: left == right,
                "!=": lambda: left != right,
                "<=": lambda: left <= right,
                ">=": lambda: left >= right,
                "<": lambda: left < right,
                ">": lambda: left > right,
            }[sign]()
        except TypeError as exc:
            raise ExpressionError(f"{sign} cannot compare these values", self._tokens[self._at][2]) from exc

    def _negation(self) -> Any:
        return not self._negation() if self._take("!") else self._postfix()

    def _postfix(self) -> Any:
        value = self._atom()
        while self._take("["):
            at = self._tokens[self._at][2]
            index = self.choice()
            self._expect("]")
            try:
                value = value[int(index) if isinstance(value, list) else index]
            except (KeyError, IndexError, TypeError, ValueError) as exc:
                raise ExpressionError(f"there is no element {index!r}", at) from exc
        return value

    def _atom(self) -> Any:
        kind, token, at = self._tokens[self._at]
        if self._take("("):
            value = self.choice()
            self._expect(")")
            return value
        self._at += 1
        if kind == "number":
            return float(token) if "." in token else int(token)
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", token[1:-1])
        if kind == "name" and token in ("true", "false"):
            return token == "true"
        if kind == "name" and self._peek() == "(":
            return self._call(token, at)
        if kind == "name":
            try:
                return self._lookup(token)
            except ExpressionError as exc:
                exc.offset = at
                raise
        raise ExpressionError("expected a value", at)

    def _call(self, name: str, at: int) -> Any:
        if name not in FUNCTIONS:
            raise ExpressionError(f"unknown function {name!r}", at, "functions: " + ", ".join(FUNCTIONS))
        self._expect("(")
        values = []
        while not self._take(")"):
            values.append(self.choice())
            if self._peek() != ")":
                self._expect(",")
        try:
            return FUNCTIONS[name](*values)
        except (TypeError, ValueError, IndexError) as exc:
            raise ExpressionError(f"{name}: {exc}", at) from exc
