"""One schedule, played over HTTP: a basket, a payment, an approval, a refund; `told` is what the shopper was left with.

told: "ordered" (a 201 that asks for nothing more), "refunded", "declined" (402, and no further try), else "".
"""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import jwt

from tests.proofs.faults.client import LOST, Client, GaveUp, Said
from tests.proofs.faults.house import BUYERS_SECRET, House
from tests.proofs.faults.schedules import Planned, Schedule
from tests.proofs.faults.staff import Staff
from tests.standins.stripe_books import Refusal

ADDRESS = {"address_line1": "1 Mill Lane", "city": "Odense", "postal_code": "5000", "country": "DK"}
PRODUCTS = {7: 42, 8: 42, 91: 91}  # variant -> product
Json = dict[str, Any]


class Shopper:
    def __init__(self, house: House, schedule: Schedule, faults: list[str]) -> None:
        self.house, self.schedule = house, schedule
        self.client = Client(house.url, self._on_5xx)
        self.told = ""
        self.order_id: int | str | None = None
        self.reference = ""  # the order's, as the gateway knows it
        self.approved = False
        self._faults = faults
        self._key = uuid.uuid4().hex

    def _on_5xx(self, said: str) -> None:
        # The intent API's own word for a gateway that gave no secret; nothing else of the kind is foreseen.
        if "'error': 'Checkout failed'" not in said:
            self._faults.append(f"schedule {self.schedule.number}: {said}")

    def play(self) -> None:
        try:
            self._begin_to_buy()
        except GaveUp:
            return
        if self.schedule.refund and self.told == "ordered":
            self._send_back()

    def _send_back(self) -> None:
        try:
            Staff(self.house, self._on_5xx).refund(self.order_id, self.schedule.refund)
        except (GaveUp, AssertionError) as error:
            self._faults.append(f"{self.schedule}: {error!r}")
        self.told = "refunded"

    def _begin_to_buy(self) -> None:
        schedule = self.schedule
        if schedule.way == "intent":
            self._buy_by_intent()
            return
        if not self._fill_in():
            return
        self._let_it_go_wrong()
        said = self._complete(self._payment())
        if said.status == 402 and schedule.way == "declined, then card":
            said = self._complete(_by_card("tok_visa"))
        self._note(said)
        if said.status == 201 and said.body.get("action_required"):
            self._approve(said.body["redirect_url"])

    def _let_it_go_wrong(self) -> None:
        for planned in self.schedule.faults:
            _plan(self.house, self.schedule.way, planned)
        if self.schedule.point:
            self.house.mines.want(self.schedule.point)

    # --- a guest ------------------------------------------------------------------------------
    def _fill_in(self) -> bool:
        """False where the goods are gone already."""
        schedule, client = self.schedule, self.client
        line = {"product_id": PRODUCTS[schedule.variant_id], "variant_id": schedule.variant_id}
        said = client.insist("POST", "/api/checkout/items", line | {"quantity": schedule.pieces})
        if said.status == 400:  # sold out
            return False
        who = {"email": schedule.email, "full_name": f"Shopper {schedule.number}", "phone": "+4512345678"}
        client.insist("PUT", "/api/checkout/shipping-address", ADDRESS)
        client.insist("PUT", "/api/checkout/customer-details", who)
        client.insist("PUT", "/api/checkout/shipping-method", {"shipping_method_id": 1})
        return True

    def _payment(self) -> Json:
        way = self.schedule.way
        if way == "paypal":
            return {"payment_provider": "paypal"}
        if way == "mobilepay":
            return {"payment_provider": "mobilepay", "payment_data": {"phone_number": "+4512345678"}}
        tokens = {"card": "tok_visa", "3-D Secure": "tok_threeDSecureRequired"}
        return _by_card(tokens.get(way, "tok_chargeDeclined"))

    def _complete(self, body: Json) -> Said:
        """Clicks once or twice, and asks again as long as the answer is lost or not clear, or has gone for good."""
        path = "/api/checkout/complete"

        def click(_: int = 0) -> Said:
            return self.client.call("POST", path, body, headers=self._key_of(body))

        with ThreadPoolExecutor(self.schedule.clicks) as pool:
            answers = list(pool.map(click, range(self.schedule.clicks)))
        found = next((said for said in answers if said.status in {201, 402}), answers[0])
        if found.is_clear or not self.schedule.repeats:
            return found
        return self.client.until_clear(click)

    def _key_of(self, body: Json) -> dict[str, str]:
        if self.schedule.key == "none":
            return {}
        own = uuid.uuid5(uuid.UUID(self._key), str(body)).hex  # another card is another request
        return {"Idempotency-Key": own if self.schedule.key == "the same" else uuid.uuid4().hex}

    def _note(self, said: Said) -> None:
        if said.status == 201:
            self.order_id = said.body["data"]["id"]
            is_known = not said.body["action_required"] and said.body["data"]["payment_status"] == "pending"
            self.told = "ordered" if is_known else ""
        elif said.status == 402:
            self.told = "declined"

    # --- a buyer with a token -----------------------------------------------------------------
    def _buy_by_intent(self) -> None:
        schedule = self.schedule
        claims = {
            "sub": schedule.email,
            "email": schedule.email,
            "aud": "authenticated",
            "exp": int(time.time()) + 3600,
        }
        headers = {"Authorization": f"Bearer {jwt.encode(claims, BUYERS_SECRET, 'HS256')}"}
        items = [{"variant_id": schedule.variant_id, "quantity": schedule.pieces}]
        body = {"currency": "eur", "cartItems": items}
        self._let_it_go_wrong()
        said = LOST
        for _ in range(5 if schedule.repeats else 1):
            said = self.client.call("POST", "/api/checkout", body, headers=headers | self._key_of(body))
            if said.is_clear:
                break
            time.sleep(1)
        if said.status == 200:
            self.order_id = said.body["orderId"]
            self._confirm_in_browser(said.body["clientSecret"])

    def _confirm_in_browser(self, secret: str) -> None:
        stripe, approval = self.house.stripe, self.schedule.approval
        self.reference = stripe.books.intents[secret.split("_secret_")[0]]["metadata"]["order_reference"]
        with suppress(Refusal):  # its time was over
            if approval.startswith("denies"):  # the script lets the buyer try again
                stripe.browser_confirms(secret, "tok_chargeDeclined")
            if not approval.startswith("never"):
                self.approved = stripe.browser_confirms(secret, "tok_visa")["status"] == "succeeded"
        if approval.endswith("comes back"):
            self._come_back()

    # --- approving elsewhere ------------------------------------------------------------------
    def _approve(self, address: str) -> None:
        approval = self.schedule.approval
        time.sleep(0.5)
        if self.schedule.way == "paypal":
            self._at_paypal(address.partition("token=")[2])
        else:
            self._at_the_bank(address.rpartition("/")[2])
        if approval.endswith("comes back"):
            self._come_back(canceled=self.schedule.way == "paypal" and approval.startswith("denies"))

    def _at_paypal(self, order_id: str) -> None:
        self.reference = self.house.paypal.orders[order_id].unit["reference_id"]
        if self.schedule.approval.startswith("approves"):
            declines = self.schedule.declines
            pends = declines == "PENDING"
            self.house.paypal.approve(order_id, declines="" if pends else declines, pends=pends)
            self.approved = not declines

    def _at_the_bank(self, intent_id: str) -> None:
        stripe = self.house.stripe
        with stripe.lock:
            self.reference = stripe.books.intents[intent_id]["metadata"]["order_reference"]
            if not self.schedule.approval.startswith("never"):
                intent = stripe.books.shopper_answers(intent_id, self.schedule.approval.startswith("approves"))
                self.approved = intent["status"] == "succeeded"

    def _come_back(self, *, canceled: bool = False) -> None:
        mark = "?canceled=1" if canceled else ""
        for _ in range(self.schedule.clicks):
            self.client.call("GET", f"{self.house.order_path(self.reference)}/return{mark}")


def _by_card(token: str) -> Json:
    return {"payment_provider": "stripe", "payment_data": {"card_details": {"token": token}}}


def _plan(house: House, way: str, planned: Planned) -> None:
    server = house.paypal if way == "paypal" else house.stripe
    server.fail(planned.fault, method=planned.method, path=planned.path, body=planned.body, times=planned.times)
