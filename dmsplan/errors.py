"""The exceptions a user can meet, one class per exit code.

DmsplanError                 1    internal or unclassified
├── ConfigError              3    configuration, state format or plan file is invalid
├── BlockedError             4    a hazard is not accepted, a policy or a protection says no
├── StalePlanError           5    what the plan was made from has moved
├── LockHeldError            6    somebody else holds the lease or the file
├── UnreachableError         7    endpoint or secret cannot be reached, privilege missing
├── PartialApplyError        8    apply is partly done; run it again
│   └── LoadError            8    a row, a segment or a connection failed during the load
├── DataDiffersError         9    compare found differences
├── DeclinedError           10    declined, or a prompt without a terminal
└── UsageError              64    the command line is wrong
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """Process exit codes; each has one meaning (DESIGN §3)."""

    OK = 0
    INTERNAL = 1
    CHANGES = 2
    CONFIG = 3
    BLOCKED = 4
    STALE = 5
    LOCKED = 6
    UNREACHABLE = 7
    PARTIAL = 8
    DIFFERS = 9
    DECLINED = 10
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


class DmsplanError(Exception):
    """Something failed that dmsplan can describe in one sentence.

    `summary` is that sentence, `address` names what it is about (a resource, a table, a file
    position), `hint` is the one next thing to do.
    """

    exit_code: ClassVar[Exit] = Exit.INTERNAL
    retryable: ClassVar[bool] = False

    def __init__(self, summary: str, *, address: str | None = None, hint: str | None = None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.address = address
        self.hint = hint


class ConfigError(DmsplanError):
    """The configuration, a plan file or the state's format is invalid."""

    exit_code = Exit.CONFIG


class BlockedError(DmsplanError):
    """A hazard, a policy or a protection stops the plan."""

    exit_code = Exit.BLOCKED


class StalePlanError(DmsplanError):
    """What the plan was made from has moved since."""

    exit_code = Exit.STALE


class LockHeldError(DmsplanError):
    """Another process holds the lease or the file."""

    exit_code = Exit.LOCKED
    retryable = True


class UnreachableError(DmsplanError):
    """An endpoint or a secret cannot be reached, or a privilege is missing."""

    exit_code = Exit.UNREACHABLE


class PartialApplyError(DmsplanError):
    """The apply is partly done and recorded; running it again resumes."""

    exit_code = Exit.PARTIAL


class LoadError(PartialApplyError):
    """A row, a segment or a connection failed while data moved; nothing of the segment was kept."""


class DataDiffersError(DmsplanError):
    """Source and target do not hold the same data."""

    exit_code = Exit.DIFFERS


class DeclinedError(DmsplanError):
    """The user said no, or nobody could be asked."""

    exit_code = Exit.DECLINED


class UsageError(DmsplanError):
    """The command line is wrong."""

    exit_code = Exit.USAGE
