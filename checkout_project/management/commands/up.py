"""`manage.py up`: one command from nothing to a running shop, and until Ctrl-C."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from checkout_project.management import prepare
from checkout_project.management.processes import command_lines
from checkout_project.management.supervisor import Supervisor
from demo import credentials

LISTEN_SECONDS = 30.0


class Command(BaseCommand):
    help = "Migrates, collects static files, loads the demo shop (DEMO=1), runs web, worker and scheduler."

    def handle(self, *args: Any, **options: Any) -> None:
        lock = prepare.own_the_data()
        prepare.check_port()
        prepare.prepare_database()
        prepare.prepare_static_files()
        supervisor = Supervisor(command_lines())
        threading.Thread(target=self._announce, args=(supervisor,), daemon=True).start()
        supervisor.run()
        lock.close()
        self.stdout.write("Stopped. Everything is kept in " + str(settings.DATA_DIR))

    def _announce(self, supervisor: Supervisor) -> None:
        if not _listens(supervisor):
            return
        lines = [f"{settings.SHOP_NAME} is running at {settings.BASE_URL}/", f"  admin  {settings.BASE_URL}/admin/"]
        if settings.DEMO:
            lines += [f"  demo log-ins: {' and '.join(credentials.USERS)}, password {credentials.password()}"]
            lines += [f"  staff who may less: {', '.join(credentials.OTHER_STAFF)}, the same password"]
            lines += [f"  keys of the purchase API: {' and '.join(credentials.api_keys())}"]
        self.stdout.write("\n".join([*lines, "  Ctrl-C stops it and keeps everything.", ""]))
        self.stdout.flush()


def _listens(supervisor: Supervisor) -> bool:
    """Waits until the web server takes connections; False when that does not happen or a stop was asked for."""
    deadline = time.monotonic() + LISTEN_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", settings.PORT)) == 0:
                return True
        time.sleep(0.1)
    return False
