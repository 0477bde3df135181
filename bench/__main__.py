"""`make bench`: about a minute of load on an instance of its own; prints the page, and writes it with --write.

Everything is on 127.0.0.1, everything started is ended, everything made is removed.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import tempfile
from pathlib import Path

import django

from bench import placement
from bench.instance import ROOT, Processes, environment_for, free_port, own_database

sys.path.append(str(ROOT / "scripts"))
import backends  # noqa: E402 - lives beside the suite's own scripts

PAGE = ROOT / "docs" / "bench.md"
WAYS = {"embedded": backends.EMBEDDED_NAME, "servers": backends.SERVERS_NAME}


def main() -> int:
    given = _arguments()
    ways, reason = backends.reachable()
    name = WAYS[given.on] if given.on else list(ways)[-1]
    if name not in ways:
        print(f"Cannot run on {name}: {reason}.")
        return 1
    way = ways[name]
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as data:
        server = backends.POSTGRES if way["DATABASE_URL"] else ""
        server = (os.environ.get("DATABASE_URL") or server) if server else ""
        with own_database(server, f"bench_{os.getpid()}") as database:
            return _run(given, name, reason, Path(data), database, way["REDIS_URL"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--on", choices=list(WAYS), help="default: PostgreSQL and Redis where they can be reached")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of journeys in a round")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def _run(given: argparse.Namespace, on: str, reason: str, data: Path, database: str, queue: str) -> int:
    port, busy_before = free_port(), os.getloadavg()[0]
    os.environ.update(environment_for(data, database, queue, port))
    (data / "static").mkdir()
    django.setup()
    # These need the settings that stand now.
    from bench import books, report, run
    from checkout_project.management.processes import command_lines

    books.open_shop()
    pgbench = placement.find_pgbench() if database else None
    placements = functools.partial(_placements, pgbench, database, given.clients) if pgbench else None
    if placements:
        placement.make_tables(database)
    plan = run.Plan(given.rounds, given.seconds, given.clients, port, busy_before, placements)
    try:
        with Processes(command_lines(), log=data / "processes.log", port=port) as processes:
            result = run.measure(plan, processes)
    except (run.LoadFailed, RuntimeError) as error:
        print(f"FAILED: {error}")
        return 1
    wrong = books.faults(result.journeys)
    if wrong:
        print("FAILED: " + "; ".join(wrong))
        return 1
    command = " ".join(["make bench", *([f'ARGS="{" ".join(sys.argv[1:])}"'] if sys.argv[1:] else [])])
    left_out = "" if pgbench else f"the bare SQL: {_why_no_sql(on, reason)}"
    durability = placement.durability(database) if database else ""
    text = report.page(result, plan, on=on, left_out=left_out, durability=durability, command=command)
    print(text)
    if given.write:
        PAGE.write_text(text)
    return 0


def _placements(pgbench: str, database: str, clients: int, seconds: int) -> float:
    return placement.rate(pgbench, database, clients=clients, seconds=seconds)


def _why_no_sql(on: str, reason: str) -> str:
    if on == backends.EMBEDDED_NAME:
        return reason or "the run was on the embedded database"
    return "no pgbench was found"


if __name__ == "__main__":
    sys.exit(main())
