"""A shop of its own for one run: throw-away data, its processes as `manage.py up` starts them, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench import cpu

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 20.0
Environment = dict[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_for(data_dir: Path, database_url: str, redis_url: str, port: int) -> Environment:
    """What is empty counts as not set, and keeps a `.env` out of the figures."""
    unset = ("BASE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "SHOP_CURRENCY", "EMAIL_URL", "REDIRECT_HOSTS", "DEBUG")
    return dict.fromkeys(unset, "") | {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "DEMO": "1",
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }


@contextmanager
def own_database(server_url: str, name: str) -> Iterator[str]:
    """The address of a new database on the server, dropped afterwards; '' for the embedded one."""
    if not server_url:
        yield ""
        return
    _on(server_url, "CREATE DATABASE {}", name)
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        _on(server_url, "DROP DATABASE {} WITH (FORCE)", name)


def _on(server_url: str, statement: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


class Processes:
    """`with Processes(lines, log=..., port=...)`: started, answering, and ended again, each by its own id."""

    def __init__(self, command_lines: dict[str, list[str]], *, log: Path, port: int) -> None:
        self._lines, self._log, self._port = command_lines, log, port
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        # The web server's workers end with it, whatever ends it.
        environment = os.environ | {"SHOP_SUPERVISED": "1"}
        with self._log.open("ab") as log:
            for name, line in self._lines.items():
                self._running[name] = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended at once:\n{self._log.read_text()[-2000:]}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"The shop does not answer:\n{self._log.read_text()[-2000:]}")

    def cpu(self, name: str) -> float:
        """CPU seconds so far of the process of that name and everything below it."""
        return cpu.used_by(self._running[name].pid)
