"""Two shops of this software, each with processes and a database of its own: one buys from the other by address."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkout_project.management.processes import web
from tests.proofs.shop import Shop, free_port, wait_until

KEY = "a-key-of-the-buying-shop"
ADDRESS = {"line1": "1 Mill Lane", "city": "Springfield", "state": "IL", "zip": "62704", "country": "United States"}
LOAD = "from demo import agents, catalog\ncatalog.load()\nagents.load()"
ENDED = ("completed", "failed")


class Running(Shop):
    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.port = environment["PORT"]
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(
            data_dir,
            "tests.proofs.two_shops_settings",
            BASE_URL="",
            ALLOWED_HOSTS="",
            SHOP_SUPERVISED="1",  # granian's workers end with it
            **environment,
        )

    def command(self, name: str) -> list[str]:
        if name != "web":
            return super().command(name)
        command = web()
        command[command.index("--port") + 1] = self.port
        return command

    def open(self) -> None:
        self.python(LOAD)
        self.start("web")
        self.start_background()

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}{path}", raw, headers), timeout=20) as answer:
            return json.loads(answer.read())

    def bought(self, url: str, **user_data: Any) -> dict[str, Any]:
        """As an agent does: asks for it, and then how it went, until it has ended."""
        person = {"email": "ada@example.com", "name": "Ada Lovelace", "shipping_address": ADDRESS}
        asked = self.ask("/v0/checkout", {"url": url, "user_data": person | user_data})
        assert asked["status"] == "processing"
        answers: list[dict[str, Any]] = []

        def has_ended() -> bool:
            answers.append(self.ask(f"/v0/checkout/{asked['checkout_id']}"))
            return answers[-1]["status"] in ENDED

        wait_until(has_ended, 120, lambda: f"an end of the purchase\n{self.log('worker')}")
        return answers[-1]


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[tuple[Running, Running]]:
    """(who buys, who sells)"""
    (tmp_path / "buys").mkdir()
    (tmp_path / "sells").mkdir()
    ports = [str(free_port()) for _ in range(2)]
    hosts = f"127.0.0.1:{ports[1]}"
    with (
        Running(tmp_path / "sells", PORT=ports[1]) as seller,
        Running(tmp_path / "buys", PORT=ports[0], DEMO_API_KEYS=KEY, PURCHASE_ALLOWED_HOSTS=hosts) as buyer,
    ):
        for shop in (seller, buyer):
            shop.open()
        for shop in (seller, buyer):
            wait_until(shop.is_ready, 180, lambda shop=shop: f"ready\n{shop.log('web')}")
        yield buyer, seller


@pytest.mark.once
def test_one_shop_buys_from_the_other_and_from_itself(shops: tuple[Running, Running]) -> None:
    buyer, seller = shops
    answer = buyer.bought(f"{seller.url}/products/organic-cotton-t-shirt", prompt="Size Large, Color Blue")
    assert (answer["status"], answer["amount_str"], answer["currency"]) == ("completed", "30.98", "USD"), answer
    orders = seller.query("SELECT email, total_amount FROM orders_order WHERE status = 'accepted'")
    assert orders == [("ada@example.com", 3098)]
    assert seller.query("SELECT on_hand FROM catalog_stock WHERE variant_id = 8") == [(4999,)]
    assert buyer.query("SELECT on_hand FROM catalog_stock WHERE variant_id = 8") == [(5000,)]
    assert buyer.query("SELECT balance_amount, held_amount FROM prepaid_account") == [(1_000_000 - 3098, 0)]

    own = buyer.bought(f"{buyer.url}/products/organic-cotton-t-shirt", prompt="2x, medium")
    assert (own["status"], own["amount_str"]) == ("completed", "55.97"), own
    assert buyer.query("SELECT on_hand FROM catalog_stock WHERE variant_id = 7") == [(4998,)]

    unclear = buyer.bought(f"{seller.url}/products/organic-cotton-t-shirt", prompt="Color Blue")
    assert unclear["status"] == "failed"
    assert "Medium / Blue" in unclear["notes"]
    private = buyer.bought("http://127.0.0.1:9/products/x")
    assert private["status"] == "failed"
    assert buyer.query("SELECT balance_amount, held_amount FROM prepaid_account") == [(1_000_000 - 3098 - 5597, 0)]
