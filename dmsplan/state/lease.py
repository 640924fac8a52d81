"""The lock of a project: a lease row with a heartbeat, taken over when its holder is gone."""

from __future__ import annotations

import getpass
import os
import socket
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

from dmsplan.errors import DmsplanError, LockHeldError
from dmsplan.state.records import Lease
from dmsplan.state.store import DuckdbStore


def boot_id() -> str:
    """Identity of this boot, so that a pid of an earlier one is known to be gone."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def actor() -> str:
    """user@host of this process."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def is_live(lease: Lease) -> bool:
    """Whether somebody still holds this lease."""
    if lease.released:
        return False
    if lease.host == socket.gethostname() and lease.boot_id == boot_id():
        return Path(f"/proc/{lease.pid}").exists() if Path("/proc").exists() else _alive(lease.pid)
    return time.time() < lease.renewed + lease.ttl


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class LeaseHandle:
    """A held lease; use as a context manager. `epoch` grows with every acquisition."""

    def __init__(self, store: DuckdbStore, name: str, op: str, ttl: float = 60.0) -> None:
        self._store = store
        self._name = name
        self._ttl = ttl
        self._op = op
        self._stop = threading.Event()
        self._lost: str | None = None
        self.lease = store.change_lease(name, self._take)
        self.epoch = self.lease.epoch
        self._thread = threading.Thread(target=self._beat, daemon=True, name="lease")
        self._thread.start()

    def __enter__(self) -> LeaseHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()
        self._store.change_lease(self._name, lambda held: self._own(held, released=True))

    def check(self) -> None:
        """LockHeldError when somebody took the lease away."""
        if self._lost:
            raise LockHeldError(f"the lease was lost: {self._lost}", hint="dmsplan state locks")

    def _take(self, held: Lease | None) -> Lease:
        if held is not None and is_live(held):
            raise LockHeldError(
                f"{held.op} by {held.user}@{held.host} (process {held.pid}) holds the lock {held.id}",
                hint=f"wait for it, or if it is gone: dmsplan state unlock {held.id}",
            )
        at = time.time()
        return Lease(
            self._name,
            uuid.uuid4().hex[:12],
            held.epoch + 1 if held else 1,
            self._op,
            getpass.getuser(),
            socket.gethostname(),
            os.getpid(),
            boot_id(),
            at,
            at,
            self._ttl,
        )

    def _own(self, held: Lease | None, *, released: bool = False) -> Lease:
        if held is None or held.id != self.lease.id:
            self._lost = f"{held.user}@{held.host} holds it now" if held else "its row is gone"
            return held or replace(self.lease, released=True)
        return replace(held, renewed=time.time(), released=released or held.released)

    def _beat(self) -> None:
        while not self._stop.wait(self._ttl / 4):
            try:
                held = self._store.change_lease(self._name, self._own)
            except DmsplanError:
                continue
            if held.id == self.lease.id and held.released:
                self._lost = "it was unlocked by hand"


def unlock(store: DuckdbStore, lease_id: str, reason: str) -> Lease:
    """Release somebody's lease; LockHeldError when there is no such lease."""
    for lease in store.read().leases:
        if lease.id == lease_id and not lease.released:
            released = store.change_lease(lease.name, lambda held: replace(held or lease, released=True))
            store.note(f"lock {lease.name}", f"unlock: {reason}")
            return released
    raise LockHeldError(f"there is no lock {lease_id}", hint="dmsplan state locks")
