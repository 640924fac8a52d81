"""Opens the endpoints a plan or a project names, resolving secrets at the last moment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dmsplan.endpoints.contract import Access, Endpoint
from dmsplan.endpoints.registry import plugin
from dmsplan.errors import DmsplanError
from dmsplan.secret import SecretRef, resolve


@dataclass(frozen=True, slots=True)
class SecretAccess:
    """What the caller allows: commands as secret sources, and directories outside the project."""

    allow_command: bool = False
    secret_dirs: tuple[str, ...] = ()


def open_endpoint(
    document: Mapping[str, Any], address: str, root: Path, secrets: SecretAccess, *, read_only: bool
) -> Endpoint:
    """Open the endpoint of `{"engine": …, "settings": {…}}`; errors carry its address."""
    found = plugin(document["engine"])
    settings = found.settings.model_validate(restore_secrets(document["settings"]))
    try:
        values = _resolved(settings, root, secrets)
        return found.open(settings, Access(root=root, secrets=values, read_only=read_only))
    except DmsplanError as exc:
        exc.address = exc.address or address
        raise


def _resolved(settings: BaseModel, root: Path, secrets: SecretAccess) -> dict[str, str]:
    values: dict[str, str] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretRef):
            values[name] = resolve(
                value, root, allow_command=secrets.allow_command, secret_dirs=secrets.secret_dirs
            ).reveal()
    return values


def restore_secrets(value: Any) -> Any:
    """Turn `{"$secret": …}` documents back into references, at any depth."""
    if isinstance(value, Mapping):
        if set(value) == {"$secret"}:
            return SecretRef.from_json(dict(value))
        return {key: restore_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restore_secrets(item) for item in value]
    return value


class Connections:
    """Endpoints opened on demand and closed together."""

    def __init__(self, documents: Mapping[str, Any], root: Path, secrets: SecretAccess) -> None:
        self._documents = documents
        self._root = root
        self._secrets = secrets
        self._open: dict[tuple[str, bool], Endpoint] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def get(self, address: str, *, read_only: bool) -> Endpoint:
        """The endpoint of an address, opened once for reading and once for writing."""
        key = (address, read_only)
        if key not in self._open:
            endpoint = open_endpoint(
                self._documents[address], address, self._root, self._secrets, read_only=read_only
            )
            self._stack.callback(endpoint.close)
            self._open[key] = endpoint
        return self._open[key]
