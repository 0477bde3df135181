"""CSV of what a list was narrowed to: harmless cells, exact amounts, for those who may, written down."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry

from carts.models import Cart
from checkouts.models import Checkout
from common.csv_cells import amount, cell
from dashboard import exports
from orders.models import Order
from payments.models import Payment
from tests.admin_rows import make_cart, make_checkout, make_order, make_payment, staff_with
from tests.dashboard.pressed import noted
from tests.dashboard.ticked import list_of

LISTS = {Cart: "carts.view_cart", Checkout: "checkouts.view_checkout"}
LISTS |= {Order: "orders.view_order", Payment: "payments.view_payment"}
EVERY = pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)


@pytest.fixture
def rows(db):
    for number in (1, 2, 3):
        cart = make_cart(number)
        order = make_order(number, cart=cart, currency="JPY" if number == 3 else "USD")
        make_checkout(number, cart=cart)
        make_payment(order, number)


def taken(client, model, **query: object) -> list[dict[str, str]]:
    address = list_of(model, "export")
    answer = client.post(f"{address}?" + "&".join(f"{name}={value}" for name, value in query.items()))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))


@EVERY
def test_everything_the_list_finds_newest_first(admin_client, rows, model):
    ids = list(model.objects.order_by("-pk").values_list("pk", flat=True))
    assert [int(row["id"]) for row in taken(admin_client, model)] == ids
    assert [int(row["id"]) for row in taken(admin_client, model, q=f"%23{ids[1]}")] == [ids[1]]


def test_amounts_are_exact_decimals_beside_their_currency(admin_client, rows):
    dollars, yen = taken(admin_client, Order)[1], taken(admin_client, Order)[0]
    assert (dollars["total"], dollars["currency"]) == ("25.99", "USD")
    assert (yen["total"], yen["currency"]) == ("2599", "JPY")
    assert Decimal(dollars["items"]) + Decimal(dollars["shipping"]) == Decimal(dollars["total"])


@pytest.mark.parametrize("bad", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_no_cell_begins_like_a_formula(admin_client, rows, bad):
    assert cell(bad) == f"'{bad}"
    Order.objects.update(full_name=bad)
    answer = admin_client.post(list_of(Order, "export"))
    found = csv.reader(b"".join(answer.streaming_content).decode().splitlines(keepends=True))
    assert all(f"'{bad}" in line for line in list(found)[1:])


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [(0, "USD", "0.00"), (5, "USD", "0.05"), (10**17 + 1, "USD", "1000000000000000.01"), (7, "JPY", "7")]
    + [(1234, "KWD", "1.234")],
)
def test_an_amount_is_written_in_its_currencys_places(minor, currency, written):
    assert amount(minor, currency) == written


@EVERY
def test_one_page_is_in_memory_however_long_the_list_is(rows, model, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(exports, "PAGE", 2)
    with django_assert_num_queries(2):
        assert len(list(exports.lines(model.objects.all()))) == 4


def test_a_list_too_long_says_that_it_was_cut(rows, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    lines = list(exports.lines(Order.objects.all()))
    assert len(lines) == 4
    assert lines[-1].startswith("These are the newest 2 rows")


@EVERY
def test_it_is_asked_first(admin_client, rows, model):
    html = admin_client.get(list_of(model, "export")).content.decode()
    assert "3 of these" in html
    assert LogEntry.objects.count() == 0


@EVERY
def test_each_time_is_written_down(admin_client, rows, model):
    for _ in range(2):
        taken(admin_client, model, q="ada.1")
    assert noted() == [f"Took 1 {model._meta.verbose_name_plural} away as CSV, narrowed to q=ada.1."] * 2


@EVERY
def test_who_may_only_look_has_no_link_and_is_refused(client, rows, model):
    client.force_login(staff_with(LISTS[model]))
    assert list_of(model, "export") not in client.get(list_of(model)).content.decode()
    assert client.get(list_of(model, "export")).status_code == 403
    assert client.post(list_of(model, "export")).status_code == 403
    assert LogEntry.objects.count() == 0


@EVERY
def test_who_may_take_lists_away_takes_only_those_they_see(client, rows, model):
    client.force_login(staff_with("dashboard.export_list"))
    assert client.post(list_of(model, "export")).status_code == 403
    client.force_login(staff_with("dashboard.export_list", LISTS[model]))
    assert len(taken(client, model)) == 3


def test_another_method_is_refused(admin_client, db):
    assert admin_client.put(list_of(Order, "export")).status_code == 405


def test_a_filter_that_does_not_exist_is_said(admin_client, db):
    answer = admin_client.get(list_of(Order, "export") + "?status__odd=1", follow=True)
    assert "cannot be narrowed like that" in answer.content.decode()
