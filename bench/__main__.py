"""`make bench`: about a minute of load on an instance of its own, then the sweep for abandoned carts and the merchant's
pages (some minutes each; PostgreSQL only; --only does one of them). Prints the pages, and writes them with --write.

Everything is on 127.0.0.1, everything started is ended, everything made is removed.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django

from bench import dashboard_report, placement, sweep_report
from bench.instance import ROOT, Processes, environment_for, free_port, own_database

sys.path.append(str(ROOT / "scripts"))
import backends  # noqa: E402 - lives beside the suite's own scripts

PAGE = ROOT / "docs" / "bench.md"
DASHBOARD_PAGE = ROOT / "docs" / "bench-dashboard.md"
SWEPT = ((100_000, 1), (1_000_000, 1), (1_000_000, 100))  # carts, and where the due ones lie
PAGED = (10_000, 1_000_000)
WAYS = {"embedded": backends.EMBEDDED_NAME, "servers": backends.SERVERS_NAME}


def main() -> int:
    given = _arguments()
    ways, reason = backends.reachable()
    name = WAYS[given.on] if given.on else list(ways)[-1]
    if name not in ways:
        print(f"Cannot run on {name}: {reason}.")
        return 1
    way = ways[name]
    if given.only == "sweep":
        return _sweeps(given, name, way["DATABASE_URL"])
    if given.only == "dashboard":
        return _dashboards(given, name, way["DATABASE_URL"])
    failed = _purchases(given, name, reason, way)
    return failed if failed or given.only else _apart(given, "sweep") or _apart(given, "dashboard")


def _purchases(given: argparse.Namespace, name: str, reason: str, way: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as data:
        server = backends.POSTGRES if way["DATABASE_URL"] else ""
        server = (os.environ.get("DATABASE_URL") or server) if server else ""
        with own_database(server, f"bench_{os.getpid()}") as database:
            return _run(given, name, reason, Path(data), database, way["REDIS_URL"])


def _apart(given: argparse.Namespace, part: str) -> int:
    """In a process of its own: this one's settings are those of a shop that is gone."""
    command = [sys.executable, "-m", "bench", "--only", part, "--rounds", str(given.rounds)]
    more = [*(["--on", given.on] if given.on else []), *(["--write"] if given.write else [])]
    return subprocess.run([*command, *more], cwd=ROOT, check=False).returncode


def _dashboards(given: argparse.Namespace, on: str, server: str) -> int:
    """Each size in a database of its own; both are there before the first page is asked for, and are asked in turn:
    whatever else the machine does meets both."""
    if not server:
        print("The merchant's pages are measured on PostgreSQL.")
        return 0
    if given.step:
        return _dashboard_step(given.step, given.rows)
    server = os.environ.get("DATABASE_URL") or backends.POSTGRES
    with ExitStack() as stack:
        shops = {rows: stack.enter_context(own_database(server, f"pages_{rows}_{os.getpid()}")) for rows in PAGED}
        seconds = {rows: json.loads(_step("seed", rows, url)) for rows, url in shops.items()}
        texts: dict[int, list[str]] = {rows: [] for rows in PAGED}
        for _ in range(given.rounds):
            for rows, url in shops.items():
                texts[rows].append(_step("ask", rows, url))
    few, many = (dashboard_report.read(rows, seconds[rows], texts[rows]) for rows in PAGED)
    text = dashboard_report.page(few, many, on=on, rounds=given.rounds)
    print(text)
    if given.write:
        DASHBOARD_PAGE.write_text(text)
    return 0


def _step(step: str, rows: int, url: str) -> str:
    """In a process of its own, with the settings of that shop. What it printed last."""
    command = [sys.executable, "-m", "bench", "--only", "dashboard", "--step", step, "--rows", str(rows)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"SHOP_OF_STEP": url}, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip().splitlines()[-1]


def _dashboard_step(step: str, rows: int) -> int:
    with _settings_of(os.environ["SHOP_OF_STEP"]):
        from bench import dashboard

        print(json.dumps(dashboard.seed(rows) if step == "seed" else [vars(each) for each in dashboard.ask()]))
    return 0


@contextmanager
def _settings_of(url: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as data:
        os.environ.update(environment_for(Path(data), url, backends.REDIS, free_port()))
        (Path(data) / "static").mkdir()
        django.setup()
        yield


@contextmanager
def _own_shop(name: str) -> Iterator[None]:
    """Settings of a shop with an empty database of its own, which is dropped afterwards."""
    server = os.environ.get("DATABASE_URL") or backends.POSTGRES
    with own_database(server, f"{name}_{os.getpid()}") as url, _settings_of(url):
        yield


def _sweeps(given: argparse.Namespace, on: str, server: str) -> int:
    """Each number of carts in a database of its own."""
    if not server:
        print("The sweep is measured on PostgreSQL.")
        return 0
    if given.carts is None:
        texts = []
        for carts, every in SWEPT:
            command = [sys.executable, "-m", "bench", "--only", "sweep", "--rounds", str(given.rounds)]
            command += ["--carts", str(carts), "--every", str(every)]
            done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                print(done.stdout)
                return 1
            texts.append(done.stdout)
        return _write_sweeps(given, on, texts)
    with _own_shop("sweep"):
        from bench import sweep

        result = sweep.measure(given.carts, every=given.every, rounds=given.rounds)
        print(json.dumps(dataclasses.asdict(result)))
    return 0


def _write_sweeps(given: argparse.Namespace, on: str, texts: list[str]) -> int:
    results = [sweep_report.read(text) for text in texts]
    text = sweep_report.section(results, sweep_report.circumstances(on, given.rounds))
    print(text)
    if given.write:
        PAGE.write_text(sweep_report.put_in(PAGE.read_text(), text))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--on", choices=list(WAYS), help="default: PostgreSQL and Redis where they can be reached")
    parser.add_argument("--only", choices=["purchases", "sweep", "dashboard"])
    parser.add_argument("--carts", type=int, help=argparse.SUPPRESS)  # one size of the sweep, as JSON
    parser.add_argument("--step", choices=["seed", "ask"], help=argparse.SUPPRESS)  # of the dashboard, as JSON
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)  # how many the step is about
    parser.add_argument("--every", type=int, default=1, help=argparse.SUPPRESS)  # where the due ones lie
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of journeys in a round")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--write", action="store_true", help=f"also write {PAGE.relative_to(ROOT)} or the part's page")
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
        earlier = PAGE.read_text() if PAGE.exists() else ""
        PAGE.write_text(sweep_report.keep_from(earlier, text))
    return 0


def _placements(pgbench: str, database: str, clients: int, seconds: int) -> float:
    return placement.rate(pgbench, database, clients=clients, seconds=seconds)


def _why_no_sql(on: str, reason: str) -> str:
    if on == backends.EMBEDDED_NAME:
        return reason or "the run was on the embedded database"
    return "no pgbench was found"


if __name__ == "__main__":
    sys.exit(main())
