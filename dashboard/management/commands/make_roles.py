"""`manage.py make_roles`: the groups owner, manager, support and analyst. Safe to run again, and run by `up`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import roles
from common.admin import several
from dashboard.roles import ROLES


class Command(BaseCommand):
    help = "Makes the roles' groups and gives each what it has not been given yet. What was changed by hand stays."

    def handle(self, *args: Any, **options: Any) -> None:
        count = roles.make(ROLES)
        if options["verbosity"]:
            self.stdout.write(f"{several(count, 'permission', 'permissions')} given to roles.")
