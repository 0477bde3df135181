"""Prism, a server that checks requests against an OpenAPI document: is what our adapters ask valid?

Needs node, npm and the gateways' documents, which are kept beside the repository (`../shared/gateway-specs`) and are
not part of it; whoever lacks one of them is told so, and the tests are skipped. npm's packages go into `.venv/.cache`.
"""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.conftest import ROOT
from tests.standins.faults import Asked

PACKAGE = "@stoplight/prism-cli@5.16.0"
DOCUMENTS = ROOT.parent / "shared" / "gateway-specs"
_HOME = ROOT / ".venv" / ".cache" / "prism"
_PASSED_ON = ("authorization", "content-type", "accept", "paypal-request-id", "prefer")


class Prism:
    def __init__(self, url: str) -> None:
        self.url = url

    def judge(self, asked: Asked) -> requests.Response:
        """Prism's answer to a request that a stand-in has got: 4xx where the document does not allow it."""
        return requests.request(
            asked.method,
            self.url + asked.path,
            params=asked.query,
            data=asked.body or None,
            headers={name: value for name, value in asked.headers.items() if name in _PASSED_ON},
            timeout=20,
        )


@contextmanager
def prism(document: str) -> Iterator[Prism]:
    """A running Prism for one of DOCUMENTS. Skips the test, saying why, where that cannot be."""
    path = DOCUMENTS / document
    if not path.exists():
        pytest.skip(f"{path.name} is not there: the gateways' documents are not part of the repository.")
    command = _installed()
    port = _free_port()
    process = subprocess.Popen(
        [*command, "mock", "-h", "127.0.0.1", "-p", str(port), str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Prism(_listening(port, process))
    finally:
        process.terminate()
        process.wait(10)


def _installed() -> list[str]:
    """How to start it. Installed once; parallel test processes wait for each other."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are not there: requests are not checked against the gateways' documents.")
    main = _HOME / "node_modules" / ".bin" / "prism"
    _HOME.mkdir(parents=True, exist_ok=True)
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not main.exists():
            _install(npm)
    return [node, str(main)]


def _install(npm: str) -> None:
    command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(_HOME), PACKAGE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not fetch {PACKAGE} in time.")
    if done.returncode:
        shutil.rmtree(_HOME / "node_modules", ignore_errors=True)
        pytest.skip(f"npm could not fetch {PACKAGE}: {done.stderr.strip()[-200:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _listening(port: int, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return f"http://127.0.0.1:{port}"
    raise RuntimeError("Prism did not start.")
