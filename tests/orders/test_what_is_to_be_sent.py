"""Which orders are to be sent: the list, its column and the act itself are of one mind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import DomainError
from orders import fulfilment
from orders.models import Order
from orders.states import Sending
from tests.admin_rows import TOTAL, make_order

pytestmark = pytest.mark.django_db
LIST = "/admin/orders/order/"
NOW = timezone.now()
PAID_BACK = {"captured_amount": TOTAL, "refunded_amount": TOTAL}
CASES = {
    "paid": ({}, Sending.TO_BE_SENT),
    "half of it went back": ({"refunded_amount": TOTAL // 2}, Sending.TO_BE_SENT),
    "money that is only held": ({"captured_amount": 0}, Sending.TO_BE_SENT),
    "paid in parts, its goods there": ({"takes_parts": True, "fulfilled_at": NOW}, Sending.TO_BE_SENT),
    "paid in parts, its goods missing": ({"takes_parts": True}, Sending.GOODS_MISSING),
    "sent": ({"shipped_at": NOW}, Sending.SENT),
    "sent, and all of it went back": ({"shipped_at": NOW, **PAID_BACK}, Sending.SENT),
    "all of it went back": (PAID_BACK, None),
    "not paid": ({"status": "pending", "captured_amount": 0}, None),
    "canceled": ({"status": "canceled"}, None),
}


def shown(client, **query: str) -> list[Order]:
    return list(client.get(LIST, query).context["cl"].result_list)


@pytest.mark.parametrize(("values", "sending"), CASES.values(), ids=CASES)
def test_an_order_says_how_far_it_is_and_is_found_by_it(admin_client, values, sending):
    order = make_order(**values)
    assert fulfilment.sending_of(order) == sending
    html = admin_client.get(LIST).content.decode()
    assert ("to be sent" in html, "goods missing" in html) == (
        sending == Sending.TO_BE_SENT,
        sending == Sending.GOODS_MISSING,
    )
    assert shown(admin_client, sending="to_be_sent") == ([order] if sending == Sending.TO_BE_SENT else [])
    assert shown(admin_client, sending="sent") == ([order] if sending == Sending.SENT else [])


@pytest.mark.parametrize(("values", "sending"), CASES.values(), ids=CASES)
def test_what_is_to_be_sent_can_be_sent_and_then_is_not_any_more(values, sending):
    order = make_order(**values)
    try:
        fulfilment.ship(order.pk, carrier="UPS", tracking_number="1")
    except DomainError:
        assert sending in {None, Sending.GOODS_MISSING, Sending.SENT}
    else:
        assert sending in {Sending.TO_BE_SENT, Sending.SENT}
    assert not Order.objects.filter(fulfilment.TO_BE_SENT).exists()


def test_the_list_of_it_is_there_for_everybody_who_sees_orders(admin_client):
    make_order()
    html = admin_client.get(LIST).content.decode()
    assert '<a class="text-primary-600 dark:text-primary-500" href="?sending=to_be_sent">To be sent</a>' in html
    html = admin_client.get(LIST, {"sending": "to_be_sent"}).content.decode()
    assert 'href="?sending=to_be_sent" aria-current="true">To be sent</a>' in html


def test_an_odd_choice_shows_all(admin_client):
    make_order()
    assert len(shown(admin_client, sending="moon")) == 1


def test_more_of_them_cost_no_more_queries(admin_client):
    make_order()
    counts = []
    for number in (2, 12):
        for one in range(number, number + 5):
            make_order(one)
        with CaptureQueriesContext(connection) as captured:
            shown(admin_client, sending="to_be_sent")
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="the plan of PostgreSQL")
def test_late_ones_are_found_by_their_own_index():
    late = Order.objects.filter(fulfilment.TO_BE_SENT, accepted_at__lt=NOW - timedelta(days=1)).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "order_to_be_sent" in late.explain()


@pytest.mark.django_db
def test_what_is_to_be_sent_is_not_added_up_however_many_wait(admin_client):
    of_sums, accepted = "What was paid for them and stays", {"status__exact": "accepted"}
    assert of_sums in admin_client.get(LIST, accepted).content.decode()
    assert of_sums not in admin_client.get(LIST, accepted | {"sending": "to_be_sent"}).content.decode()
