"""Frozen dataclasses to plain JSON and back, by their annotations."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from enum import Enum
from typing import Any, TypeVar, cast

T = TypeVar("T")


def to_document(value: Any) -> Any:
    """Turn dataclasses, enums, named tuples, tuples and mappings into plain JSON values.

    Fields that stand at their default are left out, so documents stay small and additive.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_document(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != _default(field)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [to_document(item) for item in value]
    if isinstance(value, dict):
        return {str(to_document(key)): to_document(item) for key, item in value.items()}
    return value


def from_document(kind: type[T], document: Any) -> T:
    """Build `kind` from what `to_document` made; KeyError, TypeError or ValueError when it is not
    such a document."""
    return cast(T, _build(kind, document))


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return dataclasses.MISSING


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    if kind is Any or value is None:
        return value
    if origin in (typing.Union, types.UnionType):
        return _build(next(option for option in typing.get_args(kind) if option is not type(None)), value)
    if origin is tuple:
        arguments = typing.get_args(kind)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_build(arguments[0], item) for item in value)
        return tuple(_build(option, item) for option, item in zip(arguments, value, strict=True))
    if origin is list:
        return [_build(typing.get_args(kind)[0], item) for item in value]
    if origin is dict:
        key_type, item_type = typing.get_args(kind)
        return {_build(key_type, key): _build(item_type, item) for key, item in value.items()}
    if isinstance(kind, type):
        return _build_class(kind, value)
    return value


def _build_class(kind: type, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        unknown = set(value) - hints.keys()
        if unknown:
            raise ValueError(f"{kind.__name__} has no {sorted(unknown)}")
        return kind(**{name: _build(hints[name], item) for name, item in value.items()})
    if issubclass(kind, Enum):
        return kind(value)
    if hasattr(kind, "_fields"):
        return kind(*value)
    if kind in (int, float, str, bool) and not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {value!r}")
    return value
