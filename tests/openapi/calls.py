"""One good call of every operation of the document, and what spoils it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
from django.conf import settings
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import keys
from accounts.models import Scope, User
from carts.models import Cart
from checkouts.models import Checkout
from demo import documented
from dialects.guest import COOKIE
from dialects.rendering import to_json
from payments.api.webhook_docs import PAYPAL_EXAMPLES, STRIPE_EXAMPLES
from recovery.api.mail_events_docs import EXAMPLES as MAIL_EXAMPLES
from tests.carts.api.conftest import NEW as TOLD
from tests.checkouts.api.conftest import BY_CARD, CUSTOMER, SHIPPING_ADDRESS, SHIRT, Guest
from tests.openapi import signed
from tests.payments.events_sent import AT_PAYPALS, AT_STRIPES, AT_TRACKERS
from tests.payments.table import CAPTURE, PAYPAL_ORDER, Table
from tests.purchases.agents import LARGE_BLUE, PERSON, SHIRT_URL, make_agent
from tests.recovery.api import told

PASSWORD = "a long pass phrase"


@dataclass(frozen=True)
class Call:
    """A request that may be sent again."""

    method: str
    path: str
    body: Any = None
    session: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    sign: Callable[[bytes], dict[str, str]] | None = None  # of a gateway's event: headers for the very bytes

    def but(self, **changes: Any) -> Call:
        return replace(self, **changes)

    @property
    def is_tables(self) -> bool:
        return re.fullmatch("/api/(cart|order|payment)(/CART_.*)?", self.path) is not None

    @property
    def is_trackers(self) -> bool:
        return "x-api-key" in self.headers

    def send(self, **extra: Any) -> Any:
        if self.sign:
            return self.send_raw(to_json(self.body).encode(), **extra)
        client = Client(raise_request_exception=False)
        if self.session:
            client.cookies[COOKIE] = self.session
        kind = {"content_type": "application/json", "data": self.body} if self.body is not None else {}
        return getattr(client, self.method)(self.path, headers=self.headers, **(kind | extra))

    def send_raw(self, raw: bytes, content_type: str = "application/json", **extra: Any) -> Any:
        client = Client(raise_request_exception=False)
        if self.session:
            client.cookies[COOKIE] = self.session
        headers = self.headers | (self.sign(raw) if self.sign else {})
        return client.generic(self.method.upper(), self.path, raw, content_type, headers=headers, **extra)


def _guest(method: str, path: str, body: Any = None) -> Callable[[], Call]:
    def make() -> Call:
        session = Guest().ready().get().json()["session_id"]
        return Call(method, f"/api/checkout{path}", body, session)

    return make


def _user(name: str, *, is_staff: bool) -> User:
    return User.objects.filter(username=name).first() or User.objects.create_user(
        name, password=PASSWORD, is_staff=is_staff, is_superuser=is_staff
    )


def bearer(name: str = "merchant", *, is_staff: bool = True) -> dict[str, str]:
    return {"Authorization": f"Bearer {AccessToken.for_user(_user(name, is_staff=is_staff))}"}


def _admin(method: str, *, one: bool) -> Callable[[], Call]:
    def make() -> Call:
        checkout_id = Guest().ready().get().json()["id"]
        return Call(method, f"/api/admin/checkouts{f'/{checkout_id}' if one else ''}", headers=bearer())

    return make


def _order(method: str, path: str, body: Any = None) -> Callable[[], Call]:
    """Of a paid order: `{}` in the path is its id."""

    def make() -> Call:
        placed = Guest().ready().complete().json()["data"]["id"]
        return Call(method, path.format(placed), body, headers=bearer())

    return make


def buyer() -> dict[str, str]:
    claims = {"sub": "buyer-1", "aud": "authenticated", "exp": int(time.time()) + 600}
    return {"Authorization": f"Bearer {jwt.encode(claims, settings.SUPABASE_JWT_SECRET, 'HS256')}"}


def _intent() -> Call:
    return Call("post", "/api/checkout", {"cartItems": [{"variant_id": 5}]}, headers=buyer())


def _sign_in() -> Call:
    _user("merchant", is_staff=True)
    return Call("post", "/api/auth/token", {"username": "merchant", "password": PASSWORD})


def _refresh() -> Call:
    token = RefreshToken.for_user(_user("merchant", is_staff=True))
    return Call("post", "/api/auth/token/refresh", {"refresh": str(token)})


def tracker_key() -> dict[str, str]:
    return {"x-api-key": keys.create(name="Another shop", scope=Scope.TRACKER)[1]}


def _tracker(method: str, path: str, body: Any = None) -> Callable[[], Call]:
    """Of a cart another store told us of: `{}` in the path is its id."""

    def make() -> Call:
        headers = tracker_key()
        told = Call("post", "/api/carts", TOLD, headers=headers).send().json()["data"]["id"]
        return Call(method, path.format(told), body, headers=headers)

    return make


def _table(method: str, path: str, body: dict[str, Any] | None = None) -> Callable[[], Call]:
    """Of a cart that was ordered and paid in part: `{}` is its code."""

    def make() -> Call:
        documented.load()
        table, code = Table(), documented.CODES[-1]
        table.order(Cart.objects.get(code=code))
        table.pay(1099, "CAP-1")
        named = {name: str(value).format(code) for name, value in (body or {}).items() if name == "cart_id"}
        return Call(method, path.format(code), body and body | named)

    return make


def _agents(method: str, path: str, *, is_new: bool = False) -> Callable[[], Call]:
    """Of a purchase that was asked for: `{}` in the path is its id."""

    def make() -> Call:
        agent = make_agent()
        wanted = {"url": SHIRT_URL, "user_data": PERSON | {"prompt": LARGE_BLUE}}
        return Call(
            method, path if is_new else path.format(agent.buy()), wanted if is_new else None, headers=agent.headers
        )

    return make


def _event(path: str, examples: list[Any], sign: Callable[[bytes], dict[str, str]]) -> Callable[[], Call]:
    return lambda: Call("post", path, examples[0].value, sign=sign)


CALLS: dict[str, Callable[[], Call]] = {
    "guest_get_checkout": _guest("get", ""),
    "guest_clear_checkout": _guest("delete", ""),
    "guest_add_item": _guest("post", "/items", SHIRT),
    "guest_change_item": _guest("put", "/items/42", {"quantity": 3}),
    "guest_remove_item": _guest("delete", "/items/42"),
    "guest_set_shipping_address": _guest("put", "/shipping-address", SHIPPING_ADDRESS),
    "guest_set_billing_address": _guest("put", "/billing-address", SHIPPING_ADDRESS),
    "guest_set_customer_details": _guest("put", "/customer-details", CUSTOMER),
    "guest_set_shipping_method": _guest("put", "/shipping-method", {"shipping_method_id": 1}),
    "guest_apply_discount": _guest("post", "/discount", {"discount_code": "SUMMER25"}),
    "guest_remove_discount": _guest("delete", "/discount"),
    "guest_complete_checkout": _guest("post", "/complete", BY_CARD),
    "guest_admin_list_checkouts": _admin("get", one=False),
    "guest_admin_get_checkout": _admin("get", one=True),
    "guest_admin_delete_checkout": _admin("delete", one=True),
    "intent_begin_checkout": _intent,
    "get_order": _order("get", "/api/orders/{}"),
    "admin_list_orders": _order("get", "/api/admin/orders"),
    "admin_refund_order": _order("post", "/api/admin/orders/{}/refunds", {"amount": 5, "reason": "Arrived broken"}),
    "tracker_list_carts": _tracker("get", "/api/carts"),
    "tracker_create_cart": _tracker("post", "/api/carts", TOLD),
    "tracker_create_carts": _tracker("post", "/api/carts/bulk", {"carts": [TOLD]}),
    "tracker_get_cart": _tracker("get", "/api/carts/{}"),
    "tracker_mark_cart": _tracker("patch", "/api/carts/{}", {"status": "recovered"}),
    "tracker_delete_cart": _tracker("delete", "/api/carts/{}"),
    "tracker_analytics": _tracker("get", "/api/analytics"),
    "tracker_create_payment_link": _tracker("post", "/api/carts/{}/payment-link", {}),
    "cart2table_create_cart": _table("post", "/api/cart", {}),
    "cart2table_get_cart": _table("get", "/api/cart/CART_{}"),
    "cart2table_create_order": _table("post", "/api/order", {"cart_id": "CART_{}", "paypal_order_id": "PAYPAL-2"}),
    "cart2table_create_payment": _table(
        "post", "/api/payment", {"paypal_order_id": PAYPAL_ORDER, "capture_id": CAPTURE, "amount_captured": 1099}
    ),
    "purchase_create_checkout": _agents("post", "/v0/checkout", is_new=True),
    "purchase_get_checkout": _agents("get", "/v0/checkout/{}"),
    "stripe_webhook": _event(AT_STRIPES, STRIPE_EXAMPLES, signed.by_stripe),
    "tracker_stripe_webhook": _event(AT_TRACKERS, STRIPE_EXAMPLES, signed.by_stripe),
    "paypal_webhook": _event(AT_PAYPALS, PAYPAL_EXAMPLES, signed.by_paypal),
    "mail_webhook": _event(told.AT, MAIL_EXAMPLES, signed.by_mail_provider),
    "discover_shop": lambda: Call("get", "/.well-known/checkout"),
    "sign_in": _sign_in,
    "refresh_access_token": _refresh,
}


def being_paid() -> None:
    Checkout.objects.update(status="paying")
