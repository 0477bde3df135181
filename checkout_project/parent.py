"""A process that must not outlive the one that started it asks the kernel (Linux) to be told."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
SUPERVISED = "SHOP_SUPERVISED"  # set for everything `manage.py up` starts
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """This signal for this process when its parent dies. Elsewhere than on Linux nothing happens."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, number)


def end_with_parent_if_supervised() -> None:
    """For the web server's own workers: they would keep the port if their server were killed."""
    if os.environ.get(SUPERVISED):
        end_with_parent(signal.SIGKILL)  # granian's workers heed SIGTERM from their own server only
        parent = multiprocessing.parent_process()
        if parent and parent.pid != os.getppid():  # it died before we could ask
            os._exit(1)
