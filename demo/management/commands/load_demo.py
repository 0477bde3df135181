"""`manage.py load_demo`: the demo shop, its people and ninety days of its life. Safe to run again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from demo import agents, catalog, documented, history, recovery, users


class Command(BaseCommand):
    help = "Loads the demo shop. What is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo shop is for DEMO=1 only: it brings users with a printed password.")
        with transaction.atomic():
            catalog.load()
            recovery.load()
            history.load()
            documented.load()
            users.load()
            agents.load()
