"""`manage.py up`: one command starts the whole shop, keeps it running, and stops all of it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.proofs.shop import Shop, free_port, wait_until

PROCESSES = Path("/proc")
pytestmark = pytest.mark.skipif(not PROCESSES.is_dir(), reason="reads /proc (Linux)")


def children(pid: int) -> dict[int, str]:
    """Process id -> command line of the direct children."""
    found = {}
    for entry in PROCESSES.iterdir():
        try:
            if entry.name.isdigit() and int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def descendants(pid: int) -> set[int]:
    below = set(children(pid))
    return below.union(*(descendants(child) for child in below)) if below else below


def alive(pid: int) -> bool:
    try:
        return (PROCESSES / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Running(Shop):
    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        super().__init__(
            data_dir, "checkout_project.settings", PORT=str(self.port), BASE_URL="", DEMO_PASSWORD="", ALLOWED_HOSTS=""
        )

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    @property
    def pid(self) -> int:
        return self.processes["up"].pid

    def child(self, word: str) -> int:
        return next((pid for pid, command in children(self.pid).items() if word in command), 0)

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.get("/readyz") == 200, 120, f"ready\n{self.log('up')}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def shop(house: Running) -> Running:
    """Running, from the first time on the data of the one before: a test may leave it so, or end it."""
    if "up" not in house.processes:
        (house.data_dir / "up.log").unlink(missing_ok=True)
        house.start("up")
    house.wait_until_ready()
    return house


def test_up_serves_says_where_and_stops_whole_on_sigterm(shop: Running):
    assert shop.get("/healthz") == 200
    assert shop.get("/static/admin/css/base.css") == 200
    wait_until(lambda: "Ctrl-C" in shop.log("up"), 60, "the addresses")
    said = shop.log("up")
    assert f"http://127.0.0.1:{shop.port}/" in said
    assert f"http://127.0.0.1:{shop.port}/admin/" in said
    password = re.search(r"merchant and shopper, password (\S+)", said).group(1)
    assert password == (shop.data_dir / "demo_password").read_text()
    family = descendants(shop.pid)
    assert len(family) >= 4
    assert shop.stop("up") == 0
    assert not [pid for pid in family if alive(pid)]
    assert shop.get("/healthz") == 0
    assert not list(Path(settings.ROOT).glob("celerybeat*")), "state belongs into DATA_DIR"


@pytest.mark.parametrize("victim", ["granian", "manage.py worker"])
def test_up_starts_a_killed_child_again(shop: Running, victim: str):
    killed = shop.child(victim)
    leftovers = descendants(killed)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: shop.child(victim) not in {0, killed}, 60, f"{victim} again")
    wait_until(lambda: not [pid for pid in leftovers if alive(pid)], 60, "nothing left of the killed one")
    wait_until(lambda: shop.get("/healthz") == 200, 60, "serving again")


@pytest.mark.once
def test_nothing_survives_when_up_and_the_web_server_are_killed_together(shop: Running):
    family = descendants(shop.pid)
    web = shop.child("granian")
    shop.kill("up")
    os.kill(web, signal.SIGKILL)
    wait_until(lambda: not [pid for pid in family if alive(pid)], 60, "all processes gone")


def test_a_second_up_on_the_same_data_refuses_and_leaves_the_first_alone(shop: Running):
    environment = shop.environment | {"PORT": str(free_port())}
    command = [sys.executable, "manage.py", "up"]
    refused = subprocess.run(command, cwd=settings.ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0
    assert "set DATA_DIR" in refused.stderr
    assert shop.get("/healthz") == 200


def test_readyz_tells_of_each_check(shop: Running):
    with urllib.request.urlopen(f"http://127.0.0.1:{shop.port}/readyz", timeout=5) as answer:
        checks = json.load(answer)["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {"database": True, "queue": True, "jobs": True}


@pytest.mark.once
def test_children_of_a_killed_up_stop_by_themselves(shop: Running):
    family = descendants(shop.pid)
    shop.kill("up")
    wait_until(lambda: not [pid for pid in family if alive(pid)], 60, "all children gone")


@pytest.mark.once
def test_a_port_in_use_is_refused_with_its_name(tmp_path: Path):
    with Running(tmp_path) as shop, socket.socket() as taken:
        taken.bind(("127.0.0.1", shop.port))
        taken.listen()
        shop.start("up")
        assert shop.processes["up"].wait(60) != 0
        assert f"127.0.0.1:{shop.port}" in shop.log("up")
        assert "PORT" in shop.log("up")


@pytest.mark.once
def test_two_instances_start_at_once_and_one_starts_again_beside_the_other(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    with Running(one) as first, Running(two) as second:
        first.start("up")
        second.start("up")
        first.wait_until_ready()
        second.wait_until_ready()
        assert first.stop("up") == 0
        assert second.get("/healthz") == 200
        first.start("up")
        wait_until(lambda: first.get("/healthz") == 200, 60, "the second start")
        first.stop("up")
        second.stop("up")
