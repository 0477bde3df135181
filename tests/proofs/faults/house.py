"""A shop as it runs for real: web, worker and scheduler as processes, Stripe's and PayPal's stand-ins beside them.

Whoever dies is started again at once, as a supervisor would.
"""

from __future__ import annotations

import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from django.core import signing

from checkout_project.management.processes import web
from tests.proofs.faults.mines import LANES, Mines
from tests.proofs.shop import Shop, free_port, wait_until
from tests.standins import paypal_server, stripe_server
from tests.standins.paypal_server import PayPalStandIn
from tests.standins.stripe_server import StripeStandIn

SECRET_KEY = "the secret of a shop in which everything goes wrong"
STRIPE_EVENTS_SECRET = "whsec_of_the_proof"
BUYERS_SECRET = "the secret that buyers' tokens are signed with"
CALM = 2.0  # seconds of life between two deaths
STAFF_PASSWORD = "the merchant's own pass phrase"
LOAD = "from demo import catalog, users\ncatalog.load()\nusers.load()"


class House(Shop):
    """`with House(tmp_path, unpaid_orders_live=10, deaths=5) as house:` serves at `house.url`. Seconds."""

    def __init__(self, data_dir: Path, *, unpaid_orders_live: int, deaths: int, hears_events: bool = False) -> None:
        self.stripe, self.paypal = StripeStandIn().start(), PayPalStandIn().start()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mines = Mines(data_dir / "mines", enough=deaths)
        self._died_at = dict.fromkeys(LANES, 0.0)
        self._closing = threading.Event()
        keys = {
            "STRIPE_SECRET_KEY": stripe_server.SECRET_KEY,
            "STRIPE_API_BASE": self.stripe.url,
            "PAYPAL_CLIENT_ID": paypal_server.CLIENT_ID,
            "PAYPAL_CLIENT_SECRET": paypal_server.CLIENT_SECRET,
            "PAYPAL_API_BASE": self.paypal.url,
            "STRIPE_WEBHOOK_SECRET": STRIPE_EVENTS_SECRET if hears_events else "",
            "PAYPAL_WEBHOOK_ID": paypal_server.WEBHOOK_ID if hears_events else "",
            "SUPABASE_JWT_SECRET": BUYERS_SECRET,
            "SECRET_KEY": SECRET_KEY,
            "DEMO_PASSWORD": STAFF_PASSWORD,
        }
        scaled = {
            "UNPAID_ORDER_EXPIRES_AFTER_SECONDS": str(unpaid_orders_live),
            "RECONCILE_DELAYS_SECONDS": "1,1,2,3",
            "SWEEP_INTERVAL_SECONDS": "1",
            "DECLINE_LIMIT": "1000000/hour",  # the limit has a proof of its own
        }
        super().__init__(
            data_dir,
            "tests.proofs.faults.settings",
            PORT=str(self.port),
            BASE_URL=self.url,
            ALLOWED_HOSTS="",
            SHOP_CURRENCY="EUR",  # the one that cards, PayPal and MobilePay all take
            CRASH_POINTS=str(self.mines.directory),
            SHOP_SUPERVISED="1",  # granian's workers end with it
            **keys,
            **scaled,
        )

    def __enter__(self) -> House:
        super().__enter__()
        self.python(LOAD)
        self.start("web")
        self.start_background()
        self._keeper = threading.Thread(target=self._keep_running, daemon=True)
        self._keeper.start()
        wait_until(self._serves, 120, "serving")
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        self._keeper.join()
        super().__exit__(*error)
        self.stripe.stop()
        self.paypal.stop()

    def command(self, name: str) -> list[str]:
        if name != "web":
            return super().command(name)
        command = web()
        command[command.index("--port") + 1] = str(self.port)
        return [*command[:-1], "--respawn-interval", "0.1", command[-1]]

    def order_path(self, reference: str) -> str:
        """An order's own page, by its public id as the gateways are told it."""
        signer = signing.Signer(key=SECRET_KEY, salt="orders.links", sep=".")
        return f"/orders/{signer.sign(reference)}"

    def _keep_running(self) -> None:
        while not self._closing.wait(0.05):
            for lane in self.mines.take_stock():
                self._died_at[lane] = time.time()
            for name, process in list(self.processes.items()):
                if process.poll() is not None:
                    self.start(name)
            for lane in LANES:
                if self.mines.is_free(lane) and self._is_on_its_feet(lane):
                    self.mines.lay_next(lane)

    def _is_on_its_feet(self, lane: str) -> bool:
        """It has lived for a moment since somebody died."""
        died_at = self._died_at[lane]
        if time.time() < died_at + CALM:
            return False
        return self._serves() if lane == "web" else self._has_worked_since(died_at)

    def _has_worked_since(self, moment: float) -> bool:
        since = f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}+00"
        return bool(self.count(f"outbox_jobrun WHERE name = 'outbox.tasks.drain' AND succeeded_at > '{since}'"))

    def _serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
