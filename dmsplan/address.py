"""Names of things: `endpoint.shop`, `module.shop.task.this`, and names that are safe for files."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
KINDS = ("endpoint", "schema", "replication_server", "task")


def is_name(text: str) -> bool:
    """Whether a block may be called this."""
    return bool(_NAME.match(text))


def join(*parts: str) -> str:
    """Parts as one address; empty parts are left out."""
    return ".".join(part for part in parts if part)


def to_file_name(address: str) -> str:
    """A reversible file name of an address."""
    return quote(address, safe="._-")


def from_file_name(name: str) -> str:
    """The address of a file name."""
    return unquote(name)
