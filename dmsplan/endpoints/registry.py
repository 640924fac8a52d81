"""Finds the engines: built-in ones and foreign packages come through the same entry points."""

from __future__ import annotations

import difflib
import functools
from importlib.metadata import entry_points

from dmsplan.endpoints.contract import Plugin
from dmsplan.errors import ConfigError

GROUP = "dmsplan.endpoints"


@functools.cache
def plugins() -> dict[str, Plugin]:
    """Every engine by name and alias."""
    found: dict[str, Plugin] = {}
    for entry in entry_points(group=GROUP):
        loaded: Plugin = entry.load()
        for name in (loaded.name, *loaded.aliases):
            found[name] = loaded
    return found


def known() -> tuple[str, ...]:
    """Names and aliases of all engines, sorted."""
    return tuple(sorted(plugins()))


def plugin(name: str) -> Plugin:
    """The plug-in of an engine; ConfigError with the nearest name when there is none."""
    try:
        return plugins()[name]
    except KeyError:
        near = difflib.get_close_matches(name, known(), n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known engines: {', '.join(known())}"
        raise ConfigError(f'unknown engine "{name}"', hint=hint) from None
