"""Named places where a test can have the process killed, as a power cut would."""

from __future__ import annotations

import os
import signal
import threading

_WANTED = os.environ.get("DMSPLAN_FAILPOINT", "")
_lock = threading.Lock()
_reached = 0

NAMES = (
    "journal.started.before",
    "journal.started.after",
    "journal.done.before",
    "journal.done.after",
    "state.commit.before",
    "state.commit.after",
    "segment.read",
    "segment.written",
    "segment.committed",
    "statements.ran",
    "apply.begun",
    "apply.recorded",
)


def reach(name: str) -> None:
    """Kill this process with SIGKILL when DMSPLAN_FAILPOINT is `name`, or `name:N` at the N-th time."""
    global _reached
    if not _WANTED:
        return
    wanted, _, count = _WANTED.partition(":")
    if wanted != name:
        return
    with _lock:
        _reached += 1
        if _reached == int(count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
