"""The page "Money to settle": empty where nothing went wrong, and otherwise everything that waits for a person."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from payments import needs, refunds
from payments import services as payments
from payments.gateways.base import GatewayRefused
from payments.gateways.test import TestGateway
from payments.models import Difference, Payment, Refund
from payments.states import RefundStatus
from tests.admin_rows import fill, staff_with
from tests.dashboard.pressed import page
from tests.factories import demo_shop
from tests.payments.builders import TOTAL, make_order
from tests.payments.test_review import in_review, says

PAGE = "admin:payments_needs_you"


@pytest.fixture(autouse=True)
def shop(db):
    demo_shop()


def text(client) -> str:
    html = client.get(reverse(PAGE)).content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html[html.index("<main") if "<main" in html else 0 :])))


def badge(client) -> str:
    html = client.get(reverse("admin:index")).content.decode()
    entry = html[html.index(reverse(PAGE)) :][:1500]
    found = re.search(r"text-\[11px\][^>]*>\s*(\S*)\s*</span>", entry[: entry.index("</a>")])
    return found[1] if found else ""


def everything(_: str) -> bool:
    return True


def surplus(refused: bool) -> Payment:
    """A second success on one order, which the gateway will not pay back."""
    order = make_order()
    first = payments.pay_order(order.pk, provider="stripe", instrument="tok_chargeDeclined")
    payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")
    says(first, TOTAL)
    if refused:
        refunds.give_back(first.pk)
    return first


def test_nothing_waits_in_a_shop_where_nothing_went_wrong(admin_client):
    payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")
    assert "Nothing waits to be settled." in text(admin_client)
    assert (needs.how_many(everything), badge(admin_client)) == (0, "")


class TestWhatWaits:
    def test_a_payment_in_review_with_what_the_gateway_says(self, admin_client):
        payment = in_review(make_order(), TOTAL + 100)
        shown = text(admin_client)
        assert "Payments in review" in shown
        assert f"#{payment.pk}" in shown
        assert "the gateway says $56.97" in shown

    def test_money_that_the_gateway_will_not_give_back(self, admin_client, monkeypatch):
        def never(*args, **kwargs):
            raise GatewayRefused("Too old.")

        monkeypatch.setattr(TestGateway, "refund", never)
        payment = surplus(refused=True)
        assert list(needs.money_that_stays()) == [payment]
        shown = text(admin_client)
        assert "Money that did not go back" in shown
        assert "$55.97" in shown
        assert "Too old." in shown

    def test_money_that_nobody_began_to_give_back_for_a_while(self):
        payment = surplus(refused=False)
        assert not needs.money_that_stays().exists()
        Payment.objects.filter(pk=payment.pk).update(updated_at=timezone.now() - timedelta(minutes=11))
        assert list(needs.money_that_stays()) == [payment]

    def test_not_money_that_is_on_its_way_back(self):
        payment = surplus(refused=False)
        Payment.objects.filter(pk=payment.pk).update(updated_at=timezone.now() - timedelta(minutes=11))
        Refund.objects.create(
            payment=payment, request_key="surplus", idempotency_key="k", amount=TOTAL, status=RefundStatus.ASKED
        )
        assert not needs.money_that_stays().exists()

    def test_a_refund_nobody_knows_the_outcome_of(self, admin_client):
        paid = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")
        values = {"request_key": "r", "idempotency_key": "k", "amount": 500, "created_by": "grace"}
        Refund.objects.create(payment=paid, status=RefundStatus.UNKNOWN, **values)
        shown = text(admin_client)
        assert "Refunds nobody knows the outcome of" in shown
        assert "$5.00" in shown
        assert "grace" in shown

    def test_an_open_difference_and_no_settled_one(self, admin_client):
        paid = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")
        Difference.objects.create(payment=paid, kind="refunded", ours="$0.00", theirs="$5.00")
        Difference.objects.create(payment=paid, kind="status", ours="a", theirs="b", settled_at=timezone.now())
        shown = text(admin_client)
        assert "Differences to a gateway's books: 1" in shown
        assert "$5.00" in shown
        assert needs.how_many(everything) == 1

    def test_all_of_it_is_counted_beside_the_entry_in_the_menu(self, admin_client):
        in_review(make_order(), TOTAL + 100)
        paid = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")
        Difference.objects.create(payment=paid, kind="refunded", ours="a", theirs="b")
        assert badge(admin_client) == "2"


def test_it_takes_no_more_queries_for_many_than_for_one(admin_client):
    counts = []
    for first, count in ((1, 1), (2, 60)):
        fill(first, count)
        Payment.objects.filter(status="captured").update(status="review")
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(reverse(PAGE)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert "All of them" in text(admin_client)


def test_counting_takes_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        needs.how_many(everything)


def test_who_may_not_see_payments_sees_neither_page_nor_entry(client):
    client.force_login(staff_with("orders.view_order"))
    assert client.get(reverse(PAGE)).status_code == 403
    assert reverse(PAGE) not in client.get(reverse("admin:index")).content.decode()


def test_who_may_look_at_payments_sees_it(client):
    client.force_login(staff_with("payments.view_payment"))
    assert client.get(reverse(PAGE)).status_code == 200


def test_strangers_are_asked_to_sign_in_and_nobody_posts(client, admin_client):
    assert client.get(reverse(PAGE)).status_code == 302
    assert admin_client.post(reverse(PAGE)).status_code == 405


class TestWhoIsToldWhat:
    @pytest.fixture(autouse=True)
    def waiting(self) -> Payment:
        """In review, and with an open difference."""
        payment = in_review(make_order(), TOTAL + 100)
        Difference.objects.create(payment=payment, kind="refunded", ours="a", theirs="b")
        return payment

    def test_who_may_settle_it_is_told_how(self, admin_client, waiting):
        assert "Open the payment and settle it." in text(admin_client)
        assert "In review: you decide" in page(admin_client, waiting)

    def test_who_may_not_is_told_who_can(self, client, waiting):
        client.force_login(staff_with("payments.view_payment"))
        shown = text(client)
        assert "Payments in review: 1" in shown
        assert "Somebody who may settle payments can see to it." in shown
        assert "settle it." not in shown
        assert "In review: somebody who may settle payments decides" in page(client, waiting)

    def test_the_menu_counts_what_its_page_shows_them(self, client):
        for more, count in ((), "1"), (("payments.view_difference",), "2"):
            client.force_login(staff_with("payments.view_payment", *more))
            assert badge(client) == count
            assert sum(map(int, re.findall(r"(?:review|books): (\d+)", text(client)))) == int(count)


@pytest.mark.parametrize("name", ["admin:index", "admin:orders_order_changelist", PAGE])
def test_how_much_waits_is_counted_once_a_page(admin_client, monkeypatch, name):
    asked: list[int] = []

    def how_many(may_see) -> int:
        asked.append(1)
        return 7

    monkeypatch.setattr(needs, "how_many", how_many)
    assert ">7</span>" in admin_client.get(reverse(name)).content.decode()
    assert len(asked) == 1
