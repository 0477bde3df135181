"""An agent with a key and money, and what it sends."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts import keys
from accounts.models import ApiKey, Scope
from carts.models import Cart
from carts.states import CartStatus
from catalog.models import Stock
from orders.models import Order
from orders.states import OrderStatus
from outbox import delivery
from outbox.models import OutboxEvent
from prepaid import queries as balances
from prepaid import services as prepaid
from prepaid.models import Account
from purchases.models import Purchase
from purchases.steps import STEPS
from tests.factories import ADDRESS

SHIRT_URL = "http://127.0.0.1:8000/products/organic-cotton-t-shirt"
PERSON = {"email": "ada@example.com", "full_name": "Ada Lovelace", "shipping_address": ADDRESS}
LARGE_BLUE = "Size Large, Color Blue"
SHIRT_TOTAL = 2499 + 599
RICH = 1_000_000


@dataclass
class Agent:
    """Speaks to the purchase API with its key."""

    key: ApiKey
    secret: str
    client: Client = field(default_factory=Client)

    @property
    def account(self) -> Account:
        return Account.objects.get(key=self.key)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def post(self, body: Any, **headers: str) -> Any:
        return self.client.post("/v0/checkout", body, "application/json", headers=self.headers | headers)

    def buy(self, url: str = SHIRT_URL, prompt: str = LARGE_BLUE, **user_data: Any) -> str:
        """Asks for it; answers the id."""
        answer = self.post({"url": url, "user_data": PERSON | {"prompt": prompt} | user_data})
        assert answer.status_code == 200, answer.content
        return answer.json()["checkout_id"]

    def get(self, checkout_id: str) -> Any:
        return self.client.get(f"/v0/checkout/{checkout_id}", headers=self.headers)

    def bought(self, *args: Any, **user_data: Any) -> dict[str, Any]:
        """Asks for it, lets the worker work, and asks how it went."""
        checkout_id = self.buy(*args, **user_data)
        work()
        return self.get(checkout_id).json()


def make_agent(name: str = "An agent", *, balance: int = RICH, cap: int = 50_000, day_cap: int = 500_000) -> Agent:
    """Amounts in cents."""
    key, secret = keys.create(name=name, scope=Scope.PURCHASE)
    account = prepaid.account_of(key)
    Account.objects.filter(pk=account.pk).update(purchase_cap_amount=cap, day_cap_amount=day_cap)
    if balance:
        prepaid.top_up(account.pk, balance, key=f"test:{uuid.uuid4()}")
    return Agent(key, secret)


def work() -> None:
    """The worker delivers what is due, and what that caused."""
    while events := delivery.claim():
        for event in events:
            delivery.deliver(event)
    failed = OutboxEvent.objects.filter(done_at=None).values_list("name", "last_error")
    assert not failed, list(failed)


def purchase_of(checkout_id: str) -> Purchase:
    return Purchase.objects.get(public_id=checkout_id)


def step_until(checkout_id: str, step: str) -> Purchase:
    """A worker's steps, one by one, until `step` is the next one."""
    while (purchase := purchase_of(checkout_id)).step != step:
        assert not purchase.has_ended, purchase.notes
        STEPS[purchase.step](purchase)
    return purchase


def nothing_happened(agent: Agent) -> None:
    """No money is gone or held, no piece is taken or promised, and nobody will be reminded of anything."""
    assert (agent.account.held_amount, agent.account.balance_amount) == (0, RICH)
    assert not balances.out_of_balance().exists()
    assert not Order.objects.exclude(status=OrderStatus.CANCELED).exists()
    assert not Stock.objects.exclude(reserved=0).exists()
    assert not Cart.objects.exclude(status=CartStatus.EXPIRED).exists()
