"""What a timeline has said stays said, and what happened in one breath stands in the order in which it happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Price
from checkouts import services
from checkouts.models import ShippingRate
from common.errors import ErrorCode
from dashboard import story
from dashboard.sources import timeline
from dashboard.timeline import Entry, Source, assemble
from orders.models import Order
from payments.models import Payment
from tests.checkouts.pages.shopper import Shopper
from tests.checkouts.shopping import deliver_events, pay, ready_session, refused
from tests.dashboard.pressed import after, noted, page, press
from tests.dashboard.test_timeline import entry
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, SHIRT_ID, demo_shop

S = Source
BOUGHT = [S.CART, S.CHECKOUT, S.LINE, S.PLACED, S.HOLD, S.PAYMENT, S.ANSWER, S.ACCEPTED, S.BOUGHT, S.COMPLETED, S.MAIL]


@pytest.fixture(autouse=True)
def shop(db):
    return demo_shop()


@pytest.fixture
def payment(client) -> Payment:
    """In review: the gateway took a dollar more than was asked."""
    shopper = Shopper(client)
    shopper.add()
    shopper.buy(test_card="tok_otherAmount")
    deliver_events()
    return Payment.objects.get()


def told(found: story.Story) -> list[Entry]:
    """The oldest first."""
    return timeline(found, lambda _: True).entries[::-1]


def of_order() -> list[Entry]:
    return told(story.of_order(Order.objects.get()))


def sources(entries: list[Entry]) -> list[Source]:
    return [Source(each.source) for each in entries]


# --- in the order in which it happened ------------------------------------------------------------
def test_a_purchase_through_the_guest_api(client):
    post = {"content_type": "application/json"}
    at = "/api/checkout"
    client.post(f"{at}/items", {"product_id": SHIRT_ID, "variant_id": MEDIUM_BLUE_ID, "quantity": 1}, **post)
    client.put(f"{at}/customer-details", CUSTOMER, **post)
    client.put(f"{at}/shipping-address", ADDRESS, **post)
    client.put(f"{at}/shipping-method", {"shipping_method_id": 1}, **post)
    card = {"payment_provider": "stripe", "payment_data": {"card_details": {"token": "tok_visa"}}}
    assert client.post(f"{at}/complete", card, headers={"Idempotency-Key": "one"}, **post).status_code == 201
    deliver_events()
    assert sources(of_order()) == BOUGHT


def test_a_purchase_that_costs_nothing():
    Price.objects.update(amount=0)
    ShippingRate.objects.update(amount=0)
    pay(ready_session())
    paid = [S.PAYMENT, S.ANSWER]
    deliver_events()
    assert sources(of_order()) == [source for source in BOUGHT if source not in paid]


def test_a_review_and_what_staff_did_about_it(admin_client, payment):
    after(admin_client, payment, "take_as_ours")
    deliver_events()
    happened = [source for source in sources(of_order()) if source != S.MAIL]
    asked, decided = happened.index(S.ANSWER), happened.index(S.STAFF)
    assert happened[asked : decided + 4] == [S.ANSWER, S.COMPLETED, S.STAFF, S.ANSWER, S.ACCEPTED, S.BOUGHT]
    assert happened.index(S.REFUND) > happened.index(S.BOUGHT)


def test_an_act_stands_before_what_came_of_it(admin_client):
    order = pay(ready_session()).order
    deliver_events()
    press(admin_client, order, "refund", amount="10", reason="Too small")
    press(admin_client, order, "cancel", pays_back="on", reason="Broken")
    since = sources(of_order())[len(BOUGHT) :]
    assert since[:3] == [S.STAFF, S.REFUND, S.ANSWER]
    assert since.index(S.CANCELED) > since.index(S.STAFF, 1)


def test_of_one_moment_the_cause_stands_before_what_came_of_it():
    at_once = [entry(0, source, 1) for source in Source]
    assert assemble(reversed(at_once), before=None).entries == at_once[::-1]


def test_the_page_says_the_second(admin_client):
    order = pay(ready_session()).order
    assert f"{order.created_at:%H:%M:%S}</time>" in page(admin_client, order)


# --- and it stays ---------------------------------------------------------------------------------
def said(entries: list[Entry]) -> set[tuple[object, ...]]:
    return {(*each.key, each.title) for each in entries}


def test_what_was_asked_stays_when_staff_takes_another_amount_as_ours(admin_client, payment):
    begun = f"Payment #{payment.pk} of $30.98 begun, by stripe"
    before = of_order()
    assert begun in [each.title for each in before]
    html = after(admin_client, payment, "take_as_ours")
    deliver_events()
    assert said(before) <= said(of_order())
    assert begun in html
    assert str(payment) == "stripe $30.98 (captured)"
    assert "Asked for at first" in html


def test_what_staff_decided_says_how_it_was_before_and_after(admin_client, payment):
    html = after(admin_client, payment, "take_as_ours")
    act = (
        "Taken as ours. Before: review, for $30.98, $31.98 taken, $0.00 paid back. "
        "After: captured, for $31.98, $31.98 taken, $0.00 paid back."
    )
    assert noted() == [act]
    assert act in html


@pytest.mark.parametrize("way", ["pay_back", "not_ours"])
def test_the_other_ways_out_of_review_change_no_row_either(admin_client, payment, way):
    before = of_order()
    after(admin_client, payment, way)
    deliver_events()
    assert said(before) <= said(of_order())


def test_nothing_that_staff_does_to_an_order_changes_what_was_told(admin_client):
    session = ready_session()
    order = pay(session).order
    deliver_events()
    acts = {
        "edit_shipping_address": {**ADDRESS, "full_name": "Jane Doe"},
        "resend_confirmation": {},
        "ship": {"carrier": "DHL", "tracking_number": "1"},
        "refund": {"amount": "10", "reason": "Too small"},
    }
    for name, typed in acts.items():
        before = of_order()
        after(admin_client, order, name, **typed)
        deliver_events()
        assert said(before) <= said(of_order()), name
    press(admin_client, order, "ship", carrier="UPS", tracking_number="2")
    assert said(before) <= said(of_order())


def test_an_order_paid_at_the_second_try_with_another_basket_was_placed_once():
    session = ready_session(pieces=1)
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, "tok_chargeDeclined")
    before = [each for each in of_order() if each.source in {S.PLACED, S.PAYMENT, S.HOLD}]
    services.add_item(session, product_id=SHIRT_ID, variant_id=MEDIUM_BLUE_ID, quantity=1)
    pay(session)
    assert said(before) <= said(of_order())
    assert "$55.97, of it shipping $5.99" in next(each.title for each in of_order() if each.source == S.ACCEPTED)


# --- what is otherwise today ----------------------------------------------------------------------
def details(entries: list[Entry]) -> dict[Source, str]:
    return {Source(each.source): each.detail for each in entries}


def test_what_may_have_changed_since_is_said_to_be_of_today(admin_client):
    order = pay(ready_session()).order
    assert details(of_order())[S.MAIL] == "As it is today: still waiting"
    after(admin_client, order, "ship", carrier="DHL", tracking_number="1")
    told_of = details(of_order())
    assert told_of[S.HOLD].startswith("As it is today: ")
    assert told_of[S.HOLD].endswith(", bought, off the shelf")
    assert told_of[S.SHIPPED] == "As it is today: DHL 1"
    assert [detail for detail in told_of.values() if "now " in detail.lower()] == []


def test_an_order_that_is_accepted_says_that_its_goods_left_the_shelf():
    pay(ready_session())
    assert details(of_order())[S.ACCEPTED] == "The goods were taken off the shelf."


def test_of_one_that_is_paid_in_parts_that_has_a_moment_of_its_own():
    order = pay(ready_session()).order
    Order.objects.filter(pk=order.pk).update(takes_parts=True, fulfilled_at=order.accepted_at + timedelta(hours=1))
    (taken,) = [each for each in of_order() if each.title == "The goods were taken off the shelf"]
    assert taken.at == order.accepted_at + timedelta(hours=1)
    assert details(of_order())[S.ACCEPTED] == ""
    Order.objects.update(fulfilled_at=None)
    assert not [each for each in of_order() if "off the shelf" in each.title]
