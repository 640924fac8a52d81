"""Secrets by reference: where a value comes from, when it is resolved, and how it is kept hidden."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic_core import CoreSchema, core_schema

from dmsplan.errors import UnreachableError

_KINDS = ("env", "file", "command")


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret comes from: an environment variable, a file, or a command's output."""

    kind: str
    value: str | tuple[str, ...]
    timeout_seconds: float = 10.0

    @classmethod
    def parse(cls, raw: Any) -> SecretRef:
        """Read `{env="X"}`, `{file="path"}` or `{command=["…"], timeout="10s"}`; ValueError with
        the allowed forms for anything else, a literal password above all."""
        if isinstance(raw, SecretRef):
            return raw
        if isinstance(raw, Mapping) and set(raw) == {"$secret"}:
            return cls.from_json(raw)
        if not isinstance(raw, Mapping):
            raise ValueError('a secret is a reference, never a literal: use { env = "NAME" }')
        kinds = [kind for kind in _KINDS if kind in raw]
        if len(kinds) != 1 or set(raw) - {*kinds, "timeout"}:
            raise ValueError('a secret is { env = "…" }, { file = "…" } or { command = […] }')
        value = raw[kinds[0]]
        if kinds[0] == "command":
            if not isinstance(value, (list, tuple)) or not value or not all(isinstance(v, str) for v in value):
                raise ValueError("a secret's command is a list of strings")
            value = tuple(value)
        elif not isinstance(value, str) or not value:
            raise ValueError(f"a secret's {kinds[0]} is a text")
        return cls(kinds[0], value, float(str(raw.get("timeout", "10s")).rstrip("s")))

    def describe(self) -> str:
        """How messages name it: `env:SHOP_PASSWORD`."""
        return f"{self.kind}:{self.value if isinstance(self.value, str) else self.value[0]}"

    def to_json(self) -> dict[str, Any]:
        """The reference as stored in plans and state; never the value."""
        value = self.value if isinstance(self.value, str) else list(self.value)
        return {"$secret": {self.kind: value}}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SecretRef:
        """The reference of `to_json`."""
        return cls.parse(document["$secret"])

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(cls.to_json)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        text = {"type": "string"}
        forms = [
            {"type": "object", "properties": {"env": text}, "required": ["env"]},
            {"type": "object", "properties": {"file": text}, "required": ["file"]},
            {
                "type": "object",
                "properties": {"command": {"type": "array", "items": text}, "timeout": text},
                "required": ["command"],
            },
        ]
        return {"anyOf": forms}


class SecretValue:
    """A resolved secret; printing it shows stars."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the driver's connect call only."""
        return self._value

    def __repr__(self) -> str:
        return "***"


class Scrubber:
    """Removes every value it has seen from text, in its plain, URL and base64 forms."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def register(self, value: str) -> None:
        """Remember a value; shorter than four characters would scrub ordinary text."""
        if len(value) >= 4:
            encoded = base64.b64encode(value.encode()).decode()
            self._forms |= {value, quote(value, safe=""), encoded, encoded.rstrip("=")}

    def scrub(self, text: str) -> str:
        """The text with every known value replaced by stars."""
        for form in sorted(self._forms, key=len, reverse=True):
            if form in text:
                text = text.replace(form, "***")
        return text


SCRUBBER = Scrubber()


def resolve(
    ref: SecretRef, root: Path, *, allow_command: bool = False, secret_dirs: Sequence[str] = ()
) -> SecretValue:
    """Get the value now. UnreachableError names the reference, never the value.

    Files must lie inside `root` or one of `secret_dirs`; commands run only when allowed, since a
    pull request must not choose what a pipeline executes.
    """
    if ref.kind == "env":
        text = os.environ.get(str(ref.value))
        if text is None:
            raise UnreachableError(
                f"environment variable {ref.value} is not set", hint=f"export {ref.value}=…"
            )
    elif ref.kind == "file":
        text = _read(Path(root, str(ref.value)), root, secret_dirs)
    else:
        text = _run(ref, allow_command)
    SCRUBBER.register(text)
    return SecretValue(text)


def _read(path: Path, root: Path, secret_dirs: Sequence[str]) -> str:
    real = path.resolve()
    allowed = [root.resolve(), *(Path(root, folder).resolve() for folder in secret_dirs)]
    if not any(real.is_relative_to(folder) for folder in allowed):
        raise UnreachableError(
            f"secret file {path} lies outside the project",
            hint='declare its folder: [project] secret_dirs = ["…"]',
        )
    try:
        return real.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise UnreachableError(f"secret file {path} cannot be read: {exc}") from exc


def _run(ref: SecretRef, allowed: bool) -> str:
    if not allowed:
        raise UnreachableError(
            f"secret command {ref.value[0]} is not allowed", hint="pass --allow-command-secrets"
        )
    try:
        done = subprocess.run(
            list(ref.value), capture_output=True, text=True, timeout=ref.timeout_seconds, check=True
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise UnreachableError(f"secret command {ref.value[0]} failed: {type(exc).__name__}") from exc
    return done.stdout.rstrip("\r\n")
