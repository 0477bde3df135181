"""The SDK stays behind one module, and costs nothing where PayPal is not used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

IMPORTS = re.compile(r"^\s*(?:import|from) paypalrestsdk", re.MULTILINE)
PACKAGES = ("payments", "checkouts", "orders", "checkout_project", "common", "dialects", "tests")


def test_one_module_imports_it():
    files = [path for package in PACKAGES for path in Path(ROOT, package).rglob("*.py")]
    found = [str(path.relative_to(ROOT)) for path in files if IMPORTS.search(path.read_text())]
    assert found == ["payments/gateways/paypal_transport.py"]


@pytest.mark.once
def test_it_is_loaded_at_first_use():
    program = (
        "import sys, django; django.setup(); import checkout_project.urls, payments.gateways.paypal;"
        "from payments.gateways import registry; registry.gateway('paypal'); print('paypalrestsdk' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.stdout.strip() == "False", done.stderr
