"""A card number or security code, sent wherever a caller can send something, is found nowhere afterwards: not in the
database, the log (tracebacks included), the outbox, the mails or the answers that are kept; no answer repeats it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkouts import completion
from demo import catalog
from dialects.guest import COOKIE
from orders.models import Order
from outbox import delivery
from tests.card_data.traces import CVV, Cards, whole_log
from tests.checkouts.api.conftest import BY_CARD, CUSTOMER, SHIPPING_ADDRESS, Guest
from tests.checkouts.shopping import deliver_events
from tests.openapi.calls import CALLS, Call
from tests.openapi.signed import webhooks_are_open


@pytest.fixture
def cards() -> Cards:
    return Cards()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with whole_log() as written:
        yield written


@pytest.fixture
def shop(db: None, settings: Any) -> None:
    settings.SUPABASE_JWT_SECRET = "a secret of the other house, long enough"
    settings.API_RATE_LIMIT = (100_000, 60)
    webhooks_are_open(settings)
    catalog.load()


def changed_bodies(body: Any, card: Any) -> Iterator[tuple[str, Any]]:
    """The body with one text or number replaced, each in turn, and with things in it that nobody knows."""
    for path, value in leaves(body):
        yield f"{path} as text", with_leaf(body, path, card())
        yield f"{path} among words", with_leaf(body, path, f"{value} {spaced(card())}, thanks")
        yield f"{path} as number", with_leaf(body, path, int(card()))
    if isinstance(body, dict):
        yield "unknown fields", body | {"note": card(), "cvv": CVV, "card": {"number": card(), "cvc": CVV}}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path, value
        return
    for name, one in inner:
        yield from leaves(one, (*path, name))


def with_leaf(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    if not path:
        return leaf
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_leaf(value[path[0]], path[1:], leaf)
    return copy


def spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, 16, 4))


def send_everywhere(call: Call, card: Any) -> Iterator[tuple[str, Any]]:
    """(place, answer) of the call with a card number in each of its places."""
    if call.body is not None:
        for place, body in changed_bodies(call.body, card):
            yield f"body, {place}", call.but(body=body).send()
            if not call.sign:
                headers = call.headers | {"Idempotency-Key": f"{call.path} {place}"}
                yield f"kept, {place}", call.but(body=body, headers=headers).send()
        yield "broken body", call.send_raw(f'{{"card_number": "{card()}", "cvv": "{CVV}"'.encode())
        form = f"card_number={card()}&cvv={CVV}".encode()
        yield "form", call.send_raw(form, "application/x-www-form-urlencoded")
    yield "query", call.but(path=f"{call.path}?search={card()}&status={card()}&offset={card()}&cvv={CVV}").send()
    yield "path", call.but(path=f"{call.path}/{card()}").send()
    for name in ("Idempotency-Key", "User-Agent", "Referer", "Accept-Language", "X-Request-Id", "X-Forwarded-For"):
        yield f"header {name}", call.but(headers=call.headers | {name: card()}).send()
    yield "bearer", call.but(headers=call.headers | {"Authorization": f"Bearer {card()}"}).send()
    cookies = "; ".join(f"{name}={card()}" for name in (COOKIE, "sessionid", "csrftoken", "messages"))
    yield "cookies", call.but(headers=call.headers | {"Cookie": cookies}, session="").send()


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_no_endpoint_keeps_or_repeats_it(shop: None, operation: str, cards: Cards, log: io.StringIO) -> None:
    call = CALLS[operation]()
    repeated = []
    for place, answer in send_everywhere(call, lambda: cards.new(operation)):
        assert answer.status_code < 500, (place, answer.content)
        repeated += cards.found_in(answer.content.decode(), f"answer to {place}")
    deliver_events()
    assert not repeated
    assert not cards.found_anywhere(log.getvalue())
    assert cards.places


def test_a_payment_with_a_whole_card_goes_through_and_leaves_nothing_of_it(
    shop: None, cards: Cards, log: io.StringIO
) -> None:
    cards.places["4111111111111111"] = "the published test number"
    card = BY_CARD["payment_data"]["card_details"] | {"card_number": "4111 1111 1111 1111", "cvv": CVV}
    card["cardholder_name"] = "John Doe"
    done = Guest().ready().complete({**BY_CARD, "payment_data": {"card_details": card}}, key="once")
    assert done.status_code == 201
    deliver_events()
    assert "4111111111111111" not in json.dumps(done.json())
    assert not cards.found_anywhere(log.getvalue())


@pytest.mark.parametrize("wish", [{"note": "{}"}, {"card": {"cvc": CVV}}, {"lines": ["a", {"cvv": 7391}]}, {"{}": 1}])
def test_what_a_buyer_wants_of_an_item_holds_none(
    shop: None, cards: Cards, log: io.StringIO, wish: dict[str, Any]
) -> None:
    customization = json.loads(json.dumps(wish).replace("{}", spaced(cards.new("customization"))))
    call = CALLS["intent_begin_checkout"]()
    said = call.but(body={"cartItems": [{"variant_id": 5, "customization": customization}]}).send()
    assert said.status_code == 400
    assert "security code" in said.json()["error"]
    assert not cards.found_anywhere(log.getvalue())


@pytest.mark.parametrize("field", ["card_number", "token", "cvv", "cardholder_name"])
def test_a_card_that_nobody_published_is_refused_without_being_repeated(
    shop: None, cards: Cards, log: io.StringIO, field: str
) -> None:
    number = cards.new(field)
    for provider in ("stripe", "test", "paypal", "mobilepay", number):
        card = {"cvv": CVV, field: number}
        body = {"payment_provider": provider, "payment_data": {"card_details": card, "phone_number": spaced(number)}}
        said = Guest().ready().complete(body, key=f"{provider[:6]} {field}")
        assert said.status_code in {201, 400, 422}
        assert not cards.found_in(json.dumps(said.json()), "answer")
    deliver_events()
    assert not cards.found_anywhere(log.getvalue())


def test_a_traceback_does_not_tell_it(
    shop: None, cards: Cards, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cards.new("the error's own words")

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot pay with {number} or {spaced(number)}")

    monkeypatch.setattr(completion, "complete", breaks)
    answer = Call("post", "/api/checkout/complete", BY_CARD, Guest().ready().get().json()["session_id"]).send()
    assert answer.status_code == 500
    assert "RuntimeError" in log.getvalue()
    assert number not in answer.content.decode()
    assert not cards.found_anywhere(log.getvalue())


def test_an_event_that_failed_keeps_no_card_number(
    shop: None, cards: Cards, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cards.new("a handler's error")

    def breaks(*_: object) -> None:
        raise RuntimeError(f"the mail server refuses {number}")

    Guest().ready().complete()
    monkeypatch.setattr("orders.mails.send_confirmation", breaks)
    delivery.drain()
    assert "RuntimeError" in log.getvalue()
    assert not cards.found_anywhere(log.getvalue())


class TestPages:
    def test_no_form_of_the_shop_keeps_it_or_shows_it_again(self, shop: None, cards: Cards, log: io.StringIO) -> None:
        client = Client(raise_request_exception=False)
        client.post("/products/organic-cotton-t-shirt", {"variant": 7, "quantity": 1})
        address = {f"shipping-{name}": value for name, value in SHIPPING_ADDRESS.items()}
        typed = {**CUSTOMER, **address, "code": "", "provider": "test", "test_card": "tok_visa", "mobile": ""}
        typed |= {**{f"billing-{name}": value for name, value in SHIPPING_ADDRESS.items()}}
        for action in ("update", "place", "apply"):
            for name in typed:
                page = client.post("/checkout/", {**typed, name: cards.new(name), "action": action, "cvv": CVV})
                assert page.status_code < 500
                assert not cards.found_in(page.content.decode(), f"the page, {name}")
                client.post("/cart/", {"code": cards.new("cart"), "action": "code", "quantity-7": cards.new("cart")})
        deliver_events()
        assert not cards.found_anywhere(log.getvalue())

    def test_addresses_and_queries_leave_no_trace(self, shop: None, cards: Cards, log: io.StringIO) -> None:
        client = Client(raise_request_exception=False)
        for path in ("/", "/products/", "/cart/", "/checkout/", "/orders/", "/pay/", "/recover/", "/unsubscribe/"):
            for method in (client.get, client.post):
                method(f"{path}?q={cards.new(path)}&cvv={CVV}")
                method(f"{path}{cards.new(path)}")
        assert not cards.found_anywhere(log.getvalue())

    def test_a_failed_sign_in_is_counted_without_it(self, shop: None, cards: Cards, log: io.StringIO) -> None:
        client = Client(headers={"User-Agent": cards.new("browser"), "Accept": cards.new("accept")})
        for place in ("name", "name"):
            typed = {"username": cards.new(place), "password": cards.new("password"), "cvv": CVV, "x": cards.new("x")}
            client.post(f"/admin/login/?next={cards.new('next')}", typed)
        client.post("/api/auth/token", {"username": "ada", "password": cards.new("api")}, "application/json")
        assert not cards.found_anywhere(log.getvalue())

    def test_what_staff_search_for_leaves_no_trace(self, shop: None, cards: Cards, log: io.StringIO) -> None:
        client = Client()
        client.force_login(User.objects.create_superuser("boss", password="a long pass phrase"))
        assert client.get(f"/admin/orders/order/?q={cards.new('search')}").status_code == 200
        assert not cards.found_anywhere(log.getvalue())


def test_an_honest_shoppers_numbers_are_taken(shop: None) -> None:
    guest = Guest().ready()
    where = SHIPPING_ADDRESS | {"address_line2": "Parcel 9400 1000 0000 0000 0000 00, box 4006381333931"}
    who = CUSTOMER | {"phone": "+49 1512 3456789", "full_name": "John Smith 3rd"}
    assert guest.call("put", "/shipping-address", where).status_code == 200
    assert guest.call("put", "/customer-details", who).status_code == 200
    assert guest.complete(BY_CARD).status_code == 201
    assert Order.objects.get().phone == "+49 1512 3456789"
