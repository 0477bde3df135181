"""What a record's page tells of it: all that happened, as far as who looks may see it, in few queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts.models import CartLine
from carts.states import CartStatus
from catalog.models import Reservation
from dashboard import story
from dashboard.sources import READ, timeline
from dashboard.timeline import PAGE, Kind, read
from orders.models import Order
from outbox.models import OutboxEvent
from payments.models import Difference, PaymentEntry, Refund
from recovery.models import Click, Enrolment, Message, RecoveryLink, Sequence, Step
from tests.admin_rows import make_cart, make_checkout, make_event, make_link, make_order, make_payment, staff_with
from tests.dashboard.pressed import address_of, page
from tests.factories import make_product, make_variant

OF_SCOPE = 4  # queries to find what belongs to a record, at most
OF_TYPES = 4  # content types, kept by a process from then on
STAFF_WORD = "Took it in hand."


def everything(_: str) -> bool:
    return True


@pytest.fixture
def checkout(db, admin_user):
    """One with something in every source."""
    checkout = make_checkout(1, status="active")
    cart = checkout.cart
    order = make_order(1, cart=cart, accepted_at=timezone.now())
    checkout.order, checkout.status = order, "completed"
    checkout.save()
    payment = make_payment(order, 1)
    make_event(payment, 1)
    make_link(order, 1, owner=f"order:{order.pk}", created_by="kim")
    Difference.objects.create(payment=payment, kind="refunded", ours="$0.00", theirs="$5.00")
    Refund.objects.create(payment=payment, request_key="1", idempotency_key="1", amount=500, reason="A scratch")
    Reservation.objects.create(holder=order.source, stock=cart.lines.get().variant.stock, quantity=2)
    OutboxEvent.objects.create(name="order.accepted", key=f"order.accepted:{order.pk}", last_error="Mail server away")
    _reminded(cart)
    for row in (cart, checkout, order, payment):
        _noted(row, admin_user)
    return checkout


def _reminded(cart) -> None:
    now = timezone.now()
    sequence = Sequence.objects.create(name="Come back")
    step = Step.objects.create(sequence=sequence, delay_seconds=3600)
    own = {"sequence": sequence, "spell_at": now, "origin_at": now, "due_at": now, "person": "p"}
    enrolment = Enrolment.objects.create(cart=cart, **own)
    skipped = {"outcome": "skipped", "reason": "unsubscribed", "decided_at": now}
    Message.objects.create(enrolment=enrolment, step=step, person="p", **skipped)
    link = RecoveryLink.objects.create(token_hash="1", cart=cart, expires_at=now)
    Click.objects.create(link=link)


def _noted(row, user, message: str = STAFF_WORD) -> None:
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row),
        action_flag=2,
        change_message=message,
    )


STORIES: dict[str, Callable] = {
    "cart": lambda checkout: story.of_cart(checkout.cart),
    "checkout": story.of_checkout,
    "order": lambda checkout: story.of_order(checkout.order),
    "payment": lambda checkout: story.of_payment(checkout.order.payments.get()),
}
OF_EACH = pytest.mark.parametrize("record", STORIES)


def row_of(checkout, record: str):
    payment = checkout.order.payments.get()
    return {"cart": checkout.cart, "checkout": checkout, "order": checkout.order, "payment": payment}[record]


TOLD = (
    "Cart 1? begun: Shop",
    "Put into the cart: Mug 1",
    "Order placed",
    ": $25.99, of it shipping $5.99",
    "Held for the shopper: Mug 1, One size",
    "As it is today: 2, still held",
    ": $25.99 was taken",
    "By the gateway&#x27;s answer. (answer: captured, created to captured; captured $25.99)",
    "Stripe told: a payment went through",
    "payment_intent.succeeded. As it is today: ",
    "Refund of $5.00 from payment",
    "Payment link for $25.99 made by kim",
    "Difference to the gateway&#x27;s books found: refunded",
    "As it is today: $0.00 here, $5.00 at the gateway; open",
    "Order confirmation: to be sent",
    "As it is today: still waiting: Mail server away",
    "Recovery mail: Skipped",
    "They have unsubscribed",
    "In the sequence Come back",
    "Came back by a recovery mail",
    STAFF_WORD,
)


@pytest.mark.parametrize("record", ["cart", "checkout", "order"])
def test_a_page_tells_all_that_happened(admin_client, checkout, record):
    html = page(admin_client, row_of(checkout, record))
    assert [said for said in TOLD if not re.search(re.escape(said).replace(r"1\?", r"\d+"), html)] == []


@OF_EACH
def test_the_newest_comes_first(checkout, record):
    found = timeline(STORIES[record](checkout), everything).entries
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    assert found


def test_every_kind_of_thing_is_there(checkout):
    assert {entry.kind for entry in timeline(STORIES["order"](checkout), everything).entries} == set(Kind)


# --- how much it costs ----------------------------------------------------------------------------
@OF_EACH
def test_it_takes_a_query_a_source_however_much_happened(checkout, record):
    _read(checkout, record)  # content types are kept from here on
    few = _read(checkout, record)
    _much_happens(checkout)
    assert _read(checkout, record) == few
    assert few <= len(READ) + OF_SCOPE


def _read(checkout, record: str) -> int:
    row = type(row_of(checkout, record)).objects.get(pk=row_of(checkout, record).pk)
    with CaptureQueriesContext(connection) as queries:
        timeline(getattr(story, f"of_{record}")(row), everything)
    return len(queries)


def _much_happens(checkout) -> None:
    payment = checkout.order.payments.get()
    said = {"heard_from": "look-up", "outcome": "captured", "captured_amount": 1, "refunded_amount": 0}
    states = {"status_before": "captured", "status_after": "captured"}
    PaymentEntry.objects.bulk_create(PaymentEntry(payment=payment, **said, **states) for _ in range(3 * PAGE))
    for number in range(20):
        CartLine.objects.create(cart=checkout.cart, variant=make_variant(make_product(f"Cup {number}")), quantity=1)
        make_event(payment, 100 + number)
        make_order(100 + number, cart=checkout.cart)


@OF_EACH
def test_leafing_back_to_the_beginning_misses_nothing_and_repeats_nothing(checkout, record):
    _much_happens(checkout)
    _at_one_moment()
    told = STORIES[record](checkout)
    whole = timeline(told, everything, size=10_000).entries
    seen, before = [], None
    while True:
        found = timeline(told, everything, before=before, size=7)
        seen += found.entries
        if not found.older:
            break
        before = read(found.older)
    assert seen == whole
    assert len(whole) > 3 * PAGE


def _at_one_moment() -> None:
    """As after a restore, or of a busy second: many things share their time."""
    PaymentEntry.objects.update(at=timezone.now() - timedelta(days=1))


def test_the_page_leads_to_what_is_older_and_back(admin_client, checkout):
    _much_happens(checkout)
    first = admin_client.get(address_of(checkout.order))
    assert len(first.context["timeline"]) == PAGE
    address = re.search(r'href="(\?before=[^"]+)"', first.content.decode()).group(1).replace("&amp;", "&")
    assert parse_qs(urlsplit(address).query)["before"] == [first.context["older"]]
    second = admin_client.get(address_of(checkout.order) + address)
    assert second.context["timeline"][0][0].key < first.context["timeline"][-1][0].key
    assert 'href="?#timeline"' in second.content.decode()


@pytest.mark.parametrize("odd", ["x", "~~", "2026-11-27T12:00:00+00:00~1~1"])
def test_an_odd_place_to_begin_is_answered(admin_client, checkout, odd):
    assert admin_client.get(address_of(checkout.order), {"before": odd}).status_code == 200


# --- who may see what -----------------------------------------------------------------------------
def test_without_its_permission_a_source_is_not_told(checkout):
    told = STORIES["order"](checkout)
    for each in READ:
        found = timeline(told, lambda permission, own=each.permission: permission != own).entries
        assert found
        assert (each.source in {entry.source for entry in found}) == (not each.permission)


def test_who_sees_orders_alone_is_told_of_no_payment_no_cart_and_no_act_on_them(client, checkout, admin_user):
    _noted(checkout.order.payments.get(), admin_user, "Of the payment.")
    client.force_login(staff_with("orders.view_order"))
    html = page(client, checkout.order)
    told = ["Order placed", STAFF_WORD]
    hidden = ["was taken", "Payment #", "Refund of", "Put into the cart", "Of the payment.", "Stripe told"]
    assert [said in html for said in told] == [True] * len(told)
    assert not [said for said in hidden if said in html]


def test_what_is_told_links_only_to_pages_that_open(client, checkout):
    client.force_login(staff_with("orders.view_order", "payments.view_payment", "carts.view_cart"))
    addresses = {address for _, address in client.get(address_of(checkout.order)).context["timeline"] if address}
    assert addresses
    assert [client.get(address).status_code for address in addresses] == [200] * len(addresses)


def test_somebody_elses_history_is_not_in_it(admin_client, checkout):
    other = make_order(2)
    make_payment(other, 2, message="Not yours")
    PaymentEntry.objects.filter(payment__order=other).update(note="Not yours")
    assert "Not yours" not in page(admin_client, Order.objects.get(pk=checkout.order.pk))
    assert "Not yours" in page(admin_client, other)


def test_a_cart_that_expired_says_when(admin_client, db):
    at = timezone.now() - timedelta(days=3)
    cart = make_cart(status=CartStatus.EXPIRED, updated_at=at, created_at=at - timedelta(days=9))
    told = [entry for entry in timeline(story.of_cart(cart), everything).entries if "expired" in entry.title]
    assert [entry.at for entry in told] == [at]
    assert "Cart expired: nobody is written to about it any more" in page(admin_client, cart)


@pytest.mark.parametrize("status", [CartStatus.ACTIVE, CartStatus.ABANDONED, CartStatus.RECOVERED])
def test_of_a_cart_that_is_not_expired_now_the_moment_is_not_known(admin_client, db, status):
    assert "Cart expired" not in page(admin_client, make_cart(status=status))
