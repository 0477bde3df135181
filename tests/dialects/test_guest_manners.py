"""Numbers, times, sentences and the cookie of the guest checkout API."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from common.errors import DomainError, ErrorCode
from dialects.guest import COOKIE, GUEST, kilograms, moment, number, session_from, set_session

KEY = UUID("3fa85f64-5717-4562-b3fc-2c963f66afa6")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(2499, "USD", "24.99"), (0, "USD", "0"), (1250, "USD", "12.5"), (2500, "USD", "25"), (4347, "USD", "43.47"),
     (-599, "EUR", "-5.99"), (500, "JPY", "500"), (1001, "KWD", "1.001")],
)  # fmt: skip
def test_money_is_a_number_of_major_units(amount, currency, shown):
    assert repr(number(amount, currency)) == shown


@pytest.mark.parametrize(("grams", "shown"), [(300, "0.3"), (600, "0.6"), (0, "0"), (2000, "2")])
def test_weight_is_a_number_of_kilograms(grams, shown):
    assert repr(kilograms(grams)) == shown


def test_times_are_utc_with_whole_seconds():
    there = datetime(2025, 5, 24, 12, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert moment(there) == "2025-05-24T10:30:00Z"
    assert moment(datetime(2025, 5, 24, 10, 30, tzinfo=UTC)) == "2025-05-24T10:30:00Z"


SENTENCES = [
    (ErrorCode.NOT_ENOUGH_STOCK, {"variant": "Medium / Blue", "available": 1}, "Only 1 of Medium / Blue is left."),
    (ErrorCode.SOLD_OUT, {"variant": "Last One", "available": 0}, "Last One is sold out."),
    (ErrorCode.SOLD_OUT, {"variant_id": 90, "available": 0}, "This item is sold out."),
    (ErrorCode.DISCOUNT_INVALID, {"reason": "expired"}, "This discount code has expired."),
    (ErrorCode.DISCOUNT_INVALID, {"reason": "below_minimum", "minimum_amount": 10000, "currency": "USD"},
     "This discount code needs a basket of at least 100.00 USD."),
    (ErrorCode.CHECKOUT_INCOMPLETE, {"missing": ["shipping_address", "email"]},
     "The checkout is not complete yet. Missing: shipping_address, email."),
    (ErrorCode.REFUND_TOO_LARGE, {"refundable": 599, "currency": "USD"}, "At most 5.99 USD can be refunded."),
    (ErrorCode.PAYMENT_DECLINED, {"reason": "Your card was declined."}, "Payment failed: Your card was declined."),
    (ErrorCode.ILLEGAL_MOVE, {"what": "order", "current": "paid", "target": "pending"},
     "The order is paid and cannot become pending."),
    (ErrorCode.TOO_MANY_LINES, {"limit": 100}, "At most 100 different items fit in one checkout."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "values", "sentence"), SENTENCES)
def test_a_refusal_is_a_sentence_a_person_understands(code, values, sentence):
    assert GUEST.sentence(DomainError(code, **values)) == sentence


def with_cookie(value: str):
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = value
    return request


def test_the_session_is_read_from_its_cookie():
    assert session_from(with_cookie(str(KEY))) == KEY
    assert session_from(with_cookie(str(KEY).upper())) == KEY


@pytest.mark.parametrize("value", ["", "x", "1", str(KEY)[:-1], f"{{{KEY}}}", KEY.hex, f"urn:uuid:{KEY}", "\x00"])
def test_a_malformed_cookie_is_no_session(value):
    assert session_from(with_cookie(value)) is None


@pytest.mark.parametrize("https", [True, False])
def test_the_cookie_is_hidden_from_scripts_and_other_sites(settings, https):
    settings.BASE_URL_IS_HTTPS = https
    response = HttpResponse()
    set_session(response, KEY)
    cookie = response.cookies[COOKIE]
    assert cookie.value == str(KEY)
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["max-age"] == 7 * 24 * 3600
    assert bool(cookie["secure"]) is https
