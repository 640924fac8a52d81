"""Progress files beside the state, so that `status` never waits for anybody."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dmsplan.address import from_file_name, to_file_name


def _folder(root: Path, task: str) -> Path:
    return root / "state" / "run" / "tasks" / to_file_name(task)


def write_status(root: Path, task: str, document: dict[str, Any]) -> None:
    """Replace a task's status in one rename."""
    folder = _folder(root, task)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"status.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    temporary.replace(folder / "status.json")


def read_status(root: Path, task: str) -> dict[str, Any] | None:
    """A task's last status; None when it never ran here."""
    try:
        document: dict[str, Any] = json.loads((_folder(root, task) / "status.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document


def known_tasks(root: Path) -> list[str]:
    """Tasks with a status."""
    folder = root / "state" / "run" / "tasks"
    return sorted(from_file_name(p.parent.name) for p in folder.glob("*/status.json"))
