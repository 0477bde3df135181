"""A shop of its own for one proof: real processes, a database and mail directory nobody else uses.

It runs the way the suite runs: embedded, or on PostgreSQL and Redis.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
MESSAGE_ID = re.compile(rb"^Message-ID: *(\S+)", re.IGNORECASE | re.MULTILINE)
RECIPIENT = re.compile(rb"^To: (\S+@\S+?)\r?$", re.MULTILINE)
EMBEDDED = "db.sqlite3"
SETUP = "import django, json; django.setup()\n"


class Shop:
    """`with Shop(tmp_path) as shop:` gives migrated tables; leaving it ends its processes and drops its database."""

    def __init__(self, data_dir: Path, settings_module: str = "tests.proofs.settings", **environment: str) -> None:
        self.data_dir = data_dir
        self.database = f"proof_{os.getpid()}_{data_dir.name[-20:]}".lower()
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": settings_module,
            "DATA_DIR": str(data_dir),
            "DEMO": "1",
            "EMAIL_URL": "",
            "DATABASE_URL": self._database_url(),
            "REDIS_URL": settings.REDIS_URL,
            **environment,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Shop:
        template = migrated()
        if settings.DATABASE_URL:
            on_the_server("CREATE DATABASE {} TEMPLATE {}", self.database, template.name)
            on_the_server("ALTER DATABASE {} SET synchronous_commit TO off", self.database)  # nobody pulls its plug
        else:
            shutil.copy(template / EMBEDDED, self.data_dir / EMBEDDED)
        return self

    def __exit__(self, *error: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        if settings.DATABASE_URL:
            on_the_server("DROP DATABASE {} WITH (FORCE)", self.database)

    def start_background(self) -> None:
        """The worker, and with Redis the scheduler."""
        self.start("worker")
        if settings.REDIS_URL:
            self.start("scheduler")

    def start(self, name: str) -> None:
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.command(name), cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def command(self, name: str) -> list[str]:
        return [sys.executable, "manage.py", name]

    def kill(self, name: str) -> None:
        """kill -9: the process gets no chance to tidy up."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self, name: str, timeout: float = 60) -> int:
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(timeout)

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)

    def python(self, code: str) -> Any:
        """Runs code inside the shop; what it prints (JSON) is the answer, None when it prints nothing."""
        command = [sys.executable, "-c", SETUP + code]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def mails(self) -> Counter[str]:
        """Message-ID -> how often it was written."""
        files = (self.data_dir / "mail").glob("*")
        return Counter(found.decode() for file in files for found in MESSAGE_ID.findall(file.read_bytes()))

    def recipients(self) -> Counter[str]:
        """Address -> how many mails were written to it, under whichever Message-ID."""
        files = (self.data_dir / "mail").glob("*")
        return Counter(found.decode() for file in files for found in RECIPIENT.findall(file.read_bytes()))

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """What is in its tables, without starting a process of the shop."""
        if settings.DATABASE_URL:
            with psycopg.connect(self._database_url()) as connection:
                return connection.execute(statement).fetchall()
        with closing(sqlite3.connect(self.data_dir / EMBEDDED, timeout=20)) as connection:
            return connection.execute(statement).fetchall()

    def count(self, rows: str) -> int:
        """`count("orders_order WHERE status = 'pending'")`"""
        return int(self.query(f"SELECT count(*) FROM {rows}")[0][0])

    def open_events(self) -> int:
        return self.count("outbox_outboxevent WHERE done_at IS NULL")

    def log(self, name: str) -> str:
        return (self.data_dir / f"{name}.log").read_text()

    def _database_url(self) -> str:
        return address_of(self.database)


@functools.cache
def migrated() -> Path:
    """Fresh tables that each shop gets a copy of: on a server the database of that name, else the folder it is in."""
    folder = Path(tempfile.mkdtemp(prefix=f"proof_{os.getpid()}_tables_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if settings.DATABASE_URL:
        on_the_server("CREATE DATABASE {}", folder.name)
        atexit.register(on_the_server, "DROP DATABASE {} WITH (FORCE)", folder.name)
    environment = {"DATA_DIR": str(folder), "DATABASE_URL": address_of(folder.name), "REDIS_URL": settings.REDIS_URL}
    environment |= {"DJANGO_SETTINGS_MODULE": "checkout_project.settings", "DEMO": "1"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True)
    return folder


def address_of(database: str) -> str:
    """On the server; '' where everything is embedded."""
    url = settings.DATABASE_URL
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}")) if url else ""


def on_the_server(statement: str, *names: str) -> None:
    with psycopg.connect(address_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], seconds: float, what: str | Callable[[], str]) -> None:
    """`what` was waited for; as a function, said as things are when the time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what if isinstance(what, str) else what()}: not within {seconds} s")
        time.sleep(0.05)
