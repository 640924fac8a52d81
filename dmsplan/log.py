"""Log set-up: stderr, one line per finished unit, secrets removed."""

from __future__ import annotations

import logging
import sys

from dmsplan.secret import SCRUBBER


class _Scrub(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = SCRUBBER.scrub(record.getMessage())
        record.args = ()
        return True


def configure(level: int) -> None:
    """Send dmsplan's log records of `level` and above to stderr, without secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Scrub())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("dmsplan")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
