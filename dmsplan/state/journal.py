"""The journal of a run: every started step is on disk before it runs."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from dmsplan import failpoint
from dmsplan.errors import ConfigError
from dmsplan.state.records import JournalEntry
from dmsplan.state.store import DuckdbStore, now


class Journal:
    """`state/run/<run_id>/journal.ndjson`: append-only lines, fsynced, safe between threads."""

    def __init__(self, root: Path, run_id: str) -> None:
        self.run_id = run_id
        self.folder = root / "state" / "run" / run_id
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path = self.folder / "journal.ndjson"
        self._lock = threading.Lock()
        self._entries = _load(self._path)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if self._path.stat().st_size and not self._path.read_bytes().endswith(b"\n"):
            os.write(self._file, b"\n")

    def started(self, step: str, address: str, intent: dict[str, Any] | None = None) -> None:
        """Make the intent durable; returns only then."""
        failpoint.reach("journal.started.before")
        self._append(step, address, "started", intent or {})
        failpoint.reach("journal.started.after")

    def done(self, step: str, address: str, result: dict[str, Any] | None = None) -> None:
        """Make the outcome durable."""
        failpoint.reach("journal.done.before")
        self._append(step, address, "done", result or {})
        failpoint.reach("journal.done.after")

    def failed(self, step: str, address: str, error: dict[str, Any]) -> None:
        """Record a failure."""
        self._append(step, address, "failed", error)

    def end(self, outcome: str) -> None:
        """Record that the run is over; an unfinished run has no such line."""
        self._append("", "", "end", {"outcome": outcome})

    def entries(self) -> list[JournalEntry]:
        """All lines so far."""
        with self._lock:
            return list(self._entries)

    def finished(self) -> set[str]:
        """Steps that are done."""
        return {entry.step for entry in self.entries() if entry.state == "done"}

    def intent(self, step: str) -> dict[str, Any] | None:
        """The last intent of a step, None when it never started."""
        found = [e.document for e in self.entries() if e.step == step and e.state == "started"]
        return found[-1] if found else None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def fold(self, store: DuckdbStore) -> None:
        """Copy what is new into the store; safe to repeat."""
        store.record_steps(self.entries(), self.run_id)

    def _append(self, step: str, address: str, state: str, document: dict[str, Any]) -> None:
        with self._lock:
            entry = JournalEntry(len(self._entries), step, address, state, document, now())
            line = json.dumps([entry.number, step, address, state, document, entry.at], ensure_ascii=False)
            os.write(self._file, line.encode() + b"\n")
            os.fsync(self._file)
            self._entries.append(entry)


def _load(path: Path) -> list[JournalEntry]:
    """Lines of a journal; a torn last line, left by a kill, is dropped."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    entries = []
    for number, line in enumerate(lines):
        if not line:
            continue
        try:
            _, step, address, state, document, at = json.loads(line)
        except ValueError as exc:
            if number >= len(lines) - 2:
                continue
            raise ConfigError(f"the journal is damaged in line {number + 1}", address=str(path)) from exc
        entries.append(JournalEntry(len(entries), step, address, state, document, at))
    return entries


def unfinished_run(root: Path) -> str | None:
    """The newest run whose journal has no end; None when every run ended."""
    folder = root / "state" / "run"
    runs = sorted(p.parent for p in folder.glob("r-*/journal.ndjson")) if folder.is_dir() else []
    for run in reversed(runs):
        if not any(entry.state == "end" for entry in _load(run / "journal.ndjson")):
            return run.name
    return None
