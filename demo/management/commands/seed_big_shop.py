"""`manage.py seed_big_shop --carts 1000000 --orders 1000000 --timeline 5000000`: a shop to measure pages with."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analytics import counting
from demo import big_shop, catalog


class Command(BaseCommand):
    help = (
        "Fills an empty shop of DEMO=1 on PostgreSQL with a year of carts, orders, payments and what happened to them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--carts", type=int, default=1_000_000)
        parser.add_argument("--orders", type=int, default=1_000_000)
        parser.add_argument("--timeline", type=int, default=5_000_000, help="trail, events, mails and acts together")

    def handle(self, *args: Any, carts: int, orders: int, timeline: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("A big shop is made of invented orders: for DEMO=1 only.")
        if min(carts, orders, timeline) < 1:
            raise CommandError("At least 1 of each.")
        catalog.load()
        try:
            big_shop.write(carts=carts, orders=orders, timeline=timeline, tell=self.stdout.write)
        except big_shop.NotPossible as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{counting.count_closed_days():>10,} days counted")
