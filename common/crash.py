"""Where a proof may kill a process: `crash_point("payment written, gateway not asked")`.

Nothing happens unless the environment's CRASH_POINTS names a directory, and then in the demo only. A file there that
is called like the point is a mine: the process that passes first takes it away and ends itself with kill -9.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from django.conf import settings

_directory = os.environ.get("CRASH_POINTS", "")
_MINES = Path(_directory) if _directory and settings.DEMO else None


def crash_point(name: str) -> None:
    """A death here must lose nothing and do nothing twice: `make prove NAME=faults` says whether it does."""
    if _MINES is not None:
        _die_if_mined(_MINES / name)


def _die_if_mined(mine: Path) -> None:
    try:
        mine.unlink()  # one death a mine, however many processes pass
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
