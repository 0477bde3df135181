"""What must be true before the processes start: one owner of the data, tables, static files."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db import connection

ADVISORY_LOCK = 727_001  # any number, the same in every instance


def own_the_data() -> IO[str]:
    """Keeps a second instance off this DATA_DIR as long as the answer stays open. Raises CommandError."""
    lock = (settings.DATA_DIR / "up.lock").open("w")
    deadline = time.monotonic() + 2
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise CommandError(f"Another instance already runs on {settings.DATA_DIR}: set DATA_DIR.") from None
            time.sleep(0.1)
        else:
            return lock


def check_port() -> None:
    """Raises CommandError when somebody else listens on PORT."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            raise CommandError(f"127.0.0.1:{settings.PORT} cannot be used ({error.strerror}): set PORT.") from None


def prepare_database() -> None:
    with _alone_on_the_database():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("make_roles", verbosity=0)
        if settings.DEMO and "load_demo" in get_commands():
            call_command("load_demo")
    connection.close()


def prepare_static_files() -> None:
    """Collects and compresses them into STATIC_ROOT; nothing is done when no source file changed."""
    stamp = settings.STATIC_ROOT / ".collected"
    fingerprint = _static_fingerprint()
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = os.stat(storage.path(path))
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@contextmanager
def _alone_on_the_database() -> Iterator[None]:
    """Instances that share a PostgreSQL database prepare it one after the other."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        while not _query(cursor, "SELECT pg_try_advisory_lock(%s)"):
            time.sleep(0.2)
        try:
            yield
        finally:
            _query(cursor, "SELECT pg_advisory_unlock(%s)")


def _query(cursor: object, sql: str) -> bool:
    cursor.execute(sql, [ADVISORY_LOCK])  # type: ignore[attr-defined]
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]
