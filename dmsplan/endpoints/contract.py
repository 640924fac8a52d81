"""What an engine offers: the whole contract between the engine's code and everybody else.

An `Endpoint` is one database, opened by `Plugin.open`. It can inspect, run statements, hand out
a consistent `Snapshot` to read from, and a `Writer` that commits one segment together with its
checkpoint row. Driver exceptions never leave an endpoint: they become `UnreachableError` (no
connection, wrong password, missing privilege), `LoadError` (a row, a segment, a cut connection)
or `DmsplanError`, raised `from` the original.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from dmsplan.model.capability import Capabilities
from dmsplan.model.move import LoadStrategy, Segment, SegmentDone, TableMove
from dmsplan.model.objects import Catalog, QName, ServerIdentity

Block = Any
"""bytes-like (COPY_TEXT, CSV, PG_BINARY) or pyarrow.RecordBatch (ARROW)."""

CONTROL_SCHEMA = "dmsplan_control"
"""Schema (PostgreSQL, DuckDB) or database (MySQL) of the control tables; on SQLite the prefix
`dmsplan_control_` in the same file. Never in inventory, drift or compare."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach an endpoint: resolved secrets by field name (values in memory only), the
    project's root for relative paths, and whether this use may write."""

    root: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a connection test: `ok`, a sentence, and the statement that mends it."""

    ok: bool
    check: str
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Rows and wire bytes of one committed segment."""

    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Schemas to inspect (empty: the endpoint's default schema or database only)."""

    schemas: tuple[str, ...] = ()


class Reader(Protocol):
    """One session inside a snapshot. Not shared between threads."""

    def read(self, move: TableMove, segment: Segment, strategy: LoadStrategy) -> Iterator[Block]:
        """Yield blocks of about 256 KiB to 1 MiB in `strategy.format`, columns in move order.

        COPY_TEXT and CSV blocks hold whole rows. A cut result, a server error or a value that
        the move's policy refuses raises LoadError naming table and column; it never ends early.
        """

    @property
    def rows(self) -> int | None:
        """Rows of the last `read`, once exhausted; None where the engine cannot tell
        (PG_BINARY)."""

    def close(self) -> None: ...


class Snapshot(Protocol):
    """A consistent view of a source; closing it releases everything."""

    @property
    def position(self) -> str:
        """Where the source stands, as opaque text: equal for two snapshots only if no committed
        change lies between them. Used to tell 'the source has moved'."""

    @property
    def rung(self) -> str:
        """How consistency was reached, for the plan and the summary: `exported snapshot`,
        `binlog snapshot`, `flush tables with read lock`, `lock tables`, `one connection`,
        `read transaction`."""

    def reader(self) -> Reader:
        """A reader inside the snapshot; at most `capabilities.parallel_readers` at a time."""

    def segments(self, move: TableMove, *, rows: int, size_bytes: int) -> list[Segment]:
        """Cut a table into pieces of about `rows` rows or `size_bytes` bytes, at least one; the
        first and the last are open-ended. By a single integer primary-key column where there
        is one, by physical range where the engine has one, else one WHOLE segment."""

    def close(self) -> None: ...


class Writer(Protocol):
    """One writing session. Not shared between threads."""

    def write(
        self,
        move: TableMove,
        segment: Segment,
        strategy: LoadStrategy,
        blocks: Iterator[Block],
        done: SegmentDone,
        epoch: int,
        task: str,
    ) -> WriteResult:
        """Write all blocks and the segment's row in the control table in one transaction.

        Holds the fence (shared lock on the task's epoch row, which must equal `epoch`, else
        LockHeldError). `done.rows` is -1 when called; the writer records what it counted. Any
        failure, of `blocks` too, rolls everything back and raises; LoadError names the row
        where the engine tells.
        """

    def close(self) -> None: ...


@runtime_checkable
class Endpoint(Protocol):
    """One database."""

    @property
    def capabilities(self) -> Capabilities: ...

    def identity(self) -> ServerIdentity:
        """Who this server is; connects."""

    def test(self, role: str, schemas: Sequence[str] = ()) -> list[Finding]:
        """Check connection and privileges for `role` (`source` or `target`); a missing privilege
        is a finding with the GRANT that mends it. Raises UnreachableError when it cannot
        connect."""

    def inspect(self, selection: Selection) -> Catalog:
        """Read the catalogs in bulk (no query per table) without control objects.
        `Column.type` stays None."""

    def offers(self, move: TableMove) -> tuple[LoadStrategy, ...]:
        """Strategies this source can read the move with, best first."""

    def accepts(self, move: TableMove, source_engine: str) -> tuple[LoadStrategy, ...]:
        """Strategies this target can write the move with, best first. Only `format` and
        `write_path` matter. PG_BINARY only where every column allows it."""

    def snapshot(self, tables: Sequence[QName], readers: int) -> Snapshot:
        """Open a consistent snapshot with up to `readers` readers."""

    def row_count(self, table: QName, limit: int | None = None) -> int:
        """Exact count of rows, or of at most `limit`."""

    def execute(self, statements: Sequence[str]) -> None:
        """Run statements in order, in one transaction where the engine has transactional DDL.
        A failure raises DmsplanError whose summary holds the engine's message."""

    def exists(self, statement_kind: str, name: QName, part: str = "") -> bool:
        """Probe for an object after a crash: kinds `schema table column index constraint
        sequence`; `part` is the index' or constraint's name."""

    def quote(self, *parts: str) -> str:
        """The parts as a qualified, quoted identifier."""

    def ensure_control(self) -> None:
        """Create the control tables when they are missing."""

    def take_epoch(self, task: str, epoch: int, timeout: float) -> None:
        """Raise the task's epoch to `epoch`; waits for writers of an older one at most
        `timeout` seconds, then LockHeldError naming the blocker."""

    def finished(self, task: str) -> list[SegmentDone]:
        """The segments the control table records for a task (empty when there is none)."""

    def clear(self, task: str, table: TableMove) -> None:
        """Empty the target table and forget its segments, in one transaction where possible."""

    def forget(self, task: str) -> None:
        """Remove the task's control rows; drop the control schema when nothing is left."""

    def writer(self) -> Writer: ...

    def next_value(self, table: QName, column: str) -> int:
        """Highest value of an integer column plus one, 1 for an empty table."""

    def close(self) -> None: ...


class Plugin(Protocol):
    """What the entry point `dmsplan.endpoints` names."""

    @property
    def name(self) -> str: ...

    @property
    def aliases(self) -> tuple[str, ...]: ...

    @property
    def settings(self) -> type[BaseModel]:
        """Settings of the endpoint block, extra fields forbidden, without `engine`. Secret
        fields are annotated `SecretRef`."""

    @property
    def capabilities(self) -> Capabilities: ...

    def open(self, settings: BaseModel, access: Access) -> Endpoint:
        """Make an endpoint; connects lazily or at once."""


