"""`manage.py simulate_recovery`: a shop that never was, and whether recovery mails keep their rules in it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.simulation import checks, controls, house
from demo.simulation.figures import Figures
from demo.simulation.plan import Plan
from demo.simulation.play import simulate

NAMES = tuple(controls.NAMES)


class Command(BaseCommand):
    help = (
        "Plays a shop with purchases racing recovery mails, in a database of its own that is thrown away, and counts "
        "the mails that should not have gone. No mail leaves the process. Exits with 1 when a rule was broken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--carts", type=int, default=2_000, help="how many carts (2000)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same story (1)")
        parser.add_argument("--workers", type=int, default=4, help="sending threads; with 1 all is repeatable (4)")
        parser.add_argument("--outage-days", type=int, default=2, help="how long no worker runs (2)")
        parser.add_argument(
            "--eyes-shut", nargs="*", choices=NAMES, default=(), help="a control: rules the engine forgets"
        )
        parser.add_argument("--days", type=int, default=10, help="days on which new carts come (10)")
        parser.add_argument("--json", action="store_true", help="the figures as JSON, nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = self._plan(options)
        tell = None if options["json"] or not sys.stderr.isatty() else self._tell
        with house.throwaway_database():
            figures = simulate(plan, tell or (lambda _: None))
        self.stdout.write(json.dumps(figures.as_dict()) if options["json"] else _page(figures))
        if figures.violations:
            raise CommandError("\n".join([f"{figures.violations} mails broke a rule.", *figures.examples]))

    def _plan(self, options: dict[str, Any]) -> Plan:
        if min(options["carts"], options["workers"], options["days"]) < 1 or not 0 <= options["outage_days"] <= 30:
            raise CommandError("Needs at least one cart, one worker, one day, and an outage of 0 to 30 days.")
        names = ("carts", "days", "seed", "workers", "outage_days")
        return Plan(eyes_shut=tuple(options["eyes_shut"]), **{name: options[name] for name in names})

    def _tell(self, moment: int) -> None:
        if moment % 24 == 0:
            self.stderr.write(f"day {moment // 24 + 1}")


_TITLES = {
    "shop": "The shop",
    "mails": "What the mail server said",
    "skipped": "Not sent, and why",
    "races": "In one and the same moment",
    "broken": f"Rules broken {checks.PERIODS[0]} + {checks.PERIODS[1]}",
    "others": "Must be nothing, too",
}


def _page(figures: Figures) -> str:
    lines = []
    for name, part in figures.as_dict().items():
        lines += ["", _TITLES[name]]
        lines += [
            f"  {value if isinstance(value, int) else _periods(value):>8}  {what}" for what, value in part.items()
        ]
    return "\n".join(lines[1:])


def _periods(value: dict[str, int]) -> str:
    return " + ".join(map(str, value.values()))
