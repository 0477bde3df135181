"""The command beside the proof: what it prints, what it refuses, and that it plays in a shop of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from demo.management.commands import simulate_recovery
from demo.simulation import checks, house
from demo.simulation.figures import Figures
from tests.conftest import ROOT

SMALL = ("--carts", "20", "--days", "1", "--outage-days", "0", "--workers", "1")


def figures(**broken: int) -> Figures:
    periods = {rule: dict.fromkeys(checks.PERIODS, 0) for rule in checks.RULES}
    periods[checks.TWICE] |= {checks.PERIODS[1]: broken.get("twice", 0)}
    return Figures({"carts": 20}, {}, {}, {}, periods, {}, ["steps sent twice: that one"])


@pytest.fixture
def finds(monkeypatch):
    """`finds(figures)`: what the simulation comes to."""
    monkeypatch.setattr(house, "throwaway_database", nullcontext)
    return lambda found: monkeypatch.setattr(simulate_recovery, "simulate", lambda *_: found)


def test_figures_are_printed_in_words_and_as_json(finds, capsys):
    finds(figures())
    call_command("simulate_recovery")
    assert "20  carts" in capsys.readouterr().out
    call_command("simulate_recovery", "--json")
    assert json.loads(capsys.readouterr().out) == figures().as_dict()


def test_a_broken_rule_is_a_failure_and_names_mails(finds, capsys):
    finds(figures(twice=1))
    with pytest.raises(CommandError, match=r"1 mails broke a rule\.\nsteps sent twice: that one"):
        call_command("simulate_recovery")
    assert "0 + 1  steps sent twice" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [("--carts", "0"), ("--workers", "0"), ("--days", "0"), ("--outage-days", "31")])
def test_what_makes_no_sense_is_refused(finds, wrong):
    finds(figures())
    with pytest.raises(CommandError, match="Needs at least"):
        call_command("simulate_recovery", *wrong)


@pytest.mark.once
def test_it_needs_no_settings_and_leaves_the_configured_shop_alone(tmp_path: Path):
    """Not even a directory of its own is made where the shop's data would be."""
    of_shop = tmp_path / "shop"
    environment = os.environ | {"DATA_DIR": str(of_shop), "DEMO": "", "SECRET_KEY": "", "TMPDIR": str(tmp_path)}
    environment |= {"DJANGO_SETTINGS_MODULE": "checkout_project.settings", "EMAIL_URL": "smtp://127.0.0.1:9"}
    command = [sys.executable, "manage.py", "simulate_recovery", *SMALL, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    assert json.loads(done.stdout)["shop"]["carts"] == 20
    assert list(tmp_path.iterdir()) == []
