"""The default state store: one DuckDB file, opened for one short transaction at a time."""

from __future__ import annotations

import json
import random
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from dmsplan import failpoint
from dmsplan.errors import ConfigError, DmsplanError, LockHeldError, StalePlanError
from dmsplan.state.records import (
    FORMAT_VERSION,
    History,
    JournalEntry,
    Lease,
    Meta,
    Resource,
    ResourceChange,
    Run,
)

T = TypeVar("T")
KEPT_BACKUPS = 20
_SCHEMA = """
CREATE TABLE meta(format_version INTEGER, lineage VARCHAR, project VARCHAR, serial BIGINT);
CREATE TABLE resource(address VARCHAR, document VARCHAR);
CREATE TABLE run(run_id VARCHAR, document VARCHAR);
CREATE TABLE run_step(run_id VARCHAR, number BIGINT, step VARCHAR, address VARCHAR, state VARCHAR,
                      document VARCHAR, at VARCHAR);
CREATE TABLE history(serial BIGINT, run_id VARCHAR, address VARCHAR, action VARCHAR, at VARCHAR,
                     document VARCHAR);
CREATE TABLE lease(name VARCHAR, document VARCHAR);
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at one serial; empty when there is no file yet."""

    meta: Meta | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    leases: tuple[Lease, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def serial(self) -> int:
        """Grows with every commit; 0 without a file."""
        return self.meta.serial if self.meta else 0

    @property
    def lineage(self) -> str | None:
        """Identity of this state; None without a file."""
        return self.meta.lineage if self.meta else None


def now() -> str:
    """The time as stored in records."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def open_store(root: Path, *, lock_timeout: float = 30.0) -> DuckdbStore:
    """The store of a project folder; nothing is created until `initialise`."""
    return DuckdbStore(root, lock_timeout)


class DuckdbStore:
    """State in `<root>/state/dmsplan.duckdb`.

    DuckDB refuses every other process while one holds the file, so it is never held across
    anything but one transaction, and a busy file is retried up to `lock_timeout` seconds.
    Errors: LockHeldError, ConfigError for a damaged or newer file, StalePlanError on a lost race.
    """

    def __init__(self, root: Path, lock_timeout: float = 30.0) -> None:
        self.root = root
        self.path = root / "state" / "dmsplan.duckdb"
        self._timeout = lock_timeout

    def read(self) -> Snapshot:
        """Everything but steps and history, in one consistent look."""
        if not self.path.exists():
            return Snapshot()
        return self._run(_read, write=False)

    def initialise(self, project: str) -> Snapshot:
        """Create the file when it is missing; returns what is there now."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._run(lambda con: _create(con, project), write=True, create=True)
        return self.read()

    def commit(
        self, changes: Sequence[ResourceChange], *, run_id: str = "", expected_serial: int | None = None
    ) -> int:
        """Store resources, bump their revisions and the serial, append history; the new serial."""
        failpoint.reach("state.commit.before")
        serial = self._run(lambda con: _commit(con, changes, run_id, expected_serial), write=True)
        failpoint.reach("state.commit.after")
        return serial

    def start_run(self, run_id: str, op: str, plan_digest: str, actor: str, base_serial: int) -> None:
        """Record that a run has begun (again: the same record)."""
        run = Run(run_id, op, plan_digest, actor, base_serial, now())

        def action(con: Any) -> None:
            if not con.execute("SELECT 1 FROM run WHERE run_id = ?", [run_id]).fetchall():
                con.execute("INSERT INTO run VALUES (?, ?)", [run_id, _dump(asdict(run))])

        self._run(action, write=True)

    def finish_run(self, run_id: str, outcome: str) -> None:
        """Record how a run ended."""

        def action(con: Any) -> None:
            rows = con.execute("SELECT document FROM run WHERE run_id = ?", [run_id]).fetchall()
            for (document,) in rows:
                ended = {**json.loads(document), "ended": now(), "outcome": outcome}
                con.execute("UPDATE run SET document = ? WHERE run_id = ?", [_dump(ended), run_id])

        self._run(action, write=True)

    def record_steps(self, entries: Sequence[JournalEntry], run_id: str) -> None:
        """Fold journal entries into the store; entries already there are skipped."""
        import pyarrow

        def action(con: Any) -> None:
            known = con.execute("SELECT coalesce(max(number), -1) FROM run_step WHERE run_id = ?", [run_id])
            last = known.fetchone()[0]
            fresh = [e for e in entries if e.number > last]
            if fresh:
                batch = pyarrow.table(  # noqa: F841 - DuckDB finds it by name
                    {
                        "run_id": [run_id] * len(fresh),
                        "number": [e.number for e in fresh],
                        "step": [e.step for e in fresh],
                        "address": [e.address for e in fresh],
                        "state": [e.state for e in fresh],
                        "document": [_dump(e.document) for e in fresh],
                        "at": [e.at for e in fresh],
                    }
                )
                con.execute("INSERT INTO run_step SELECT * FROM batch")

        self._run(action, write=True)

    def steps(self, run_id: str) -> list[JournalEntry]:
        """The folded steps of a run, in order."""
        sql = "SELECT number, step, address, state, document, at FROM run_step WHERE run_id = ? ORDER BY number"
        rows = self._run(lambda con: con.execute(sql, [run_id]).fetchall(), write=False)
        return [JournalEntry(n, s, a, st, json.loads(d), at) for n, s, a, st, d, at in rows]

    def history(self, limit: int = 100) -> list[History]:
        """The newest changes first."""
        if not self.path.exists():
            return []
        sql = "SELECT serial, run_id, address, action, at FROM history ORDER BY serial DESC, address LIMIT ?"
        rows = self._run(lambda con: con.execute(sql, [limit]).fetchall(), write=False)
        return [History(*row) for row in rows]

    def change_lease(self, name: str, change: Callable[[Lease | None], Lease]) -> Lease:
        """Replace a lease by what `change` makes of the one that is there, in one transaction."""

        def action(con: Any) -> Lease:
            rows = con.execute("SELECT document FROM lease WHERE name = ?", [name]).fetchall()
            lease = change(Lease(**json.loads(rows[0][0])) if rows else None)
            con.execute("DELETE FROM lease WHERE name = ?", [name])
            con.execute("INSERT INTO lease VALUES (?, ?)", [name, _dump(asdict(lease))])
            return lease

        return self._run(action, write=True)

    def note(self, address: str, action: str) -> None:
        """Append a line to the history that no resource stands behind (an unlock)."""

        def write(con: Any) -> None:
            serial = con.execute("SELECT serial FROM meta").fetchone()[0]
            con.execute("INSERT INTO history VALUES (?, '', ?, ?, ?, 'null')", [serial, address, action, now()])

        self._run(write, write=True)

    def backup(self) -> Path | None:
        """Copy the file to `state/backups/state-<serial>.duckdb`, keep the newest twenty."""
        if not self.path.exists():
            return None
        serial = self.read().serial
        folder = self.path.parent / "backups"
        folder.mkdir(exist_ok=True)
        target = folder / f"state-{serial:08d}.duckdb"

        def copy(con: Any) -> None:
            con.execute("CHECKPOINT")
            shutil.copyfile(self.path, target)

        self._run(copy, write=True, transaction=False)
        for old in sorted(folder.glob("state-*.duckdb"))[:-KEPT_BACKUPS]:
            old.unlink()
        return target

    def _run(
        self, action: Callable[[Any], T], *, write: bool, create: bool = False, transaction: bool = True
    ) -> T:
        with self._connection(write) as con:
            if not create:
                _check_version(con, self.path)
            if not transaction:
                return action(con)
            con.execute("BEGIN")
            try:
                result = action(con)
                con.execute("COMMIT")
            except BaseException:
                con.execute("ROLLBACK")
                raise
            return result

    @contextmanager
    def _connection(self, write: bool) -> Iterator[Any]:
        import duckdb

        deadline = time.monotonic() + self._timeout
        while True:
            try:
                con = duckdb.connect(str(self.path), read_only=not write)
                break
            except duckdb.IOException as exc:
                if "lock" not in str(exc).lower():
                    raise _damaged(self.path, exc) from exc
                if time.monotonic() > deadline:
                    raise _busy(exc) from exc
                time.sleep(random.uniform(0.005, 0.05))
            except duckdb.Error as exc:
                raise _damaged(self.path, exc) from exc
        try:
            yield con
        except duckdb.Error as exc:
            raise DmsplanError(f"the state cannot be written: {exc}", address=str(self.path)) from exc
        finally:
            con.close()


def _busy(exc: Exception) -> LockHeldError:
    found = re.search(r"PID (\d+)", str(exc))
    who = f"process {found[1]}" if found else "another process"
    return LockHeldError(f"the state file is held by {who}", hint="wait for it, or close the program that opened it")


def _damaged(path: Path, exc: Exception) -> ConfigError:
    first = str(exc).splitlines()[0]
    return ConfigError(
        f"the state file is not readable: {first}", address=str(path), hint="restore one from state/backups"
    )


def _check_version(con: Any, path: Path) -> None:
    import duckdb

    try:
        version = con.execute("SELECT format_version FROM meta").fetchone()[0]
    except (duckdb.Error, TypeError) as exc:
        raise _damaged(path, exc) from exc
    if version > FORMAT_VERSION:
        raise ConfigError(
            f"the state has format {version}, this dmsplan reads up to {FORMAT_VERSION}",
            address=str(path),
            hint="use the newer dmsplan that wrote it",
        )


def _create(con: Any, project: str) -> None:
    for statement in _SCHEMA.split(";"):
        if statement.strip():
            con.execute(statement)
    con.execute("INSERT INTO meta VALUES (?, ?, ?, 1)", [FORMAT_VERSION, str(uuid.uuid4()), project])


def _read(con: Any) -> Snapshot:
    meta = Meta(*con.execute("SELECT * FROM meta").fetchone())
    resources = {}
    for address, document in con.execute("SELECT * FROM resource ORDER BY address").fetchall():
        values = json.loads(document)
        resources[address] = Resource(**{**values, "deps": tuple(values["deps"])})
    leases = [Lease(**json.loads(d)) for (d,) in con.execute("SELECT document FROM lease").fetchall()]
    runs = [Run(**json.loads(d)) for (d,) in con.execute("SELECT document FROM run").fetchall()]
    runs.sort(key=lambda run: run.started, reverse=True)
    return Snapshot(meta, resources, tuple(leases), tuple(runs))


def _commit(con: Any, changes: Sequence[ResourceChange], run_id: str, expected: int | None) -> int:
    serial: int = con.execute("SELECT serial FROM meta").fetchone()[0]
    if expected is not None and serial != expected:
        raise StalePlanError(f"the state moved from serial {expected} to {serial}", hint="plan again")
    serial += 1
    for change in changes:
        rows = con.execute("SELECT document FROM resource WHERE address = ?", [change.resource.address])
        before = rows.fetchall()
        rev = json.loads(before[0][0])["rev"] + 1 if before else 1
        stored = _dump(asdict(replace(change.resource, rev=rev, updated_serial=serial)))
        con.execute("DELETE FROM resource WHERE address = ?", [change.resource.address])
        con.execute("INSERT INTO resource VALUES (?, ?)", [change.resource.address, stored])
        con.execute(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)",
            [serial, run_id, change.resource.address, change.action, now(), stored],
        )
    con.execute("UPDATE meta SET serial = ?", [serial])
    return serial


def _dump(document: Any) -> str:
    """JSON text; TypeError for anything that is not plain JSON, a secret value above all."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True)
