"""The processes a running shop consists of, as command lines. `Procfile` says the same for other supervisors."""

from __future__ import annotations

import sys
from pathlib import Path

from django.conf import settings

WEB_WORKERS = 2
WEB_THREADS = 4


def web() -> list[str]:
    """granian on loopback only: what faces the net is a proxy's business."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(settings.PORT)),
        *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS), "--no-ws"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10s", "--log-level", "warning"),
        "checkout_project.wsgi:application",
    ]


def command_lines() -> dict[str, list[str]]:
    """Process name -> command line. Without Redis the worker is the scheduler too."""
    manage = [sys.executable, str(Path(settings.ROOT) / "manage.py")]
    lines = {"web": web(), "worker": [*manage, "worker"]}
    return lines | {"scheduler": [*manage, "scheduler"]} if settings.REDIS_URL else lines
