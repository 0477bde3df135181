"""The floor: one order placement as bare SQL, by pgbench, on the same PostgreSQL in the same minute."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "placement.sql"
TABLES = HERE / "placement_tables.sql"
_RATE = re.compile(r"^tps = ([\d.]+) \(without", re.MULTILINE)


def find_pgbench() -> str | None:
    """On the path, or where Debian keeps it."""
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return shutil.which("pgbench") or (str(kept[-1]) if kept else None)


def make_tables(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES.read_bytes())


def durability(url: str) -> str:
    """As the server says: an order that is lost in a power cut would be a cheap order."""
    with psycopg.connect(url) as connection:
        names = ("fsync", "synchronous_commit")
        rows = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    return ", ".join(f"{name} {row[0]}" for name, row in zip(names, rows, strict=True) if row)


def rate(pgbench: str, url: str, *, clients: int, seconds: int) -> float:
    """Placements a second. Raises RuntimeError when pgbench fails."""
    command = [pgbench, "--no-vacuum", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)]
    # The address by name and value: pgbench reads the last argument as a connection string.
    answer = subprocess.run(
        [*command, "-f", str(SCRIPT), url], capture_output=True, text=True, check=False, timeout=seconds + 30
    )
    return read_rate(answer.stdout, answer.stderr)


def read_rate(output: str, complaint: str = "") -> float:
    found = _RATE.search(output)
    if not found:
        raise RuntimeError(f"pgbench gave no rate: {complaint[-500:]}")
    return float(found[1])


def place(url: str) -> str:
    """Never the password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"
