"""Stock on a variant's page: moved with a reason, once, by who may, and kept in its history."""

from __future__ import annotations

import uuid

import pytest

from catalog import stock
from catalog.models import Stock, StockAdjustment, Variant
from common.transactions import in_transaction
from tests.admin_rows import staff_with
from tests.dashboard.pressed import address_of, after, has_button, noted, page, press, refused
from tests.factories import demo_shirt

BUTTON = "adjust_stock"
FIVE = {"pieces": "5", "reason": "received", "note": "Monday's pallet"}


@pytest.fixture
def shirt(db) -> Variant:
    demo_shirt(on_hand=10)
    return Variant.objects.get(pk=7)


def on_hand() -> int:
    return Stock.objects.get(pk=7).on_hand


def test_pieces_come_and_go(admin_client, shirt):
    assert "15 are on hand." in after(admin_client, shirt, BUTTON, **FIVE)
    assert "12 are on hand." in after(admin_client, shirt, BUTTON, pieces="-3", reason="damaged")


def test_a_second_click_changes_nothing(admin_client, shirt):
    token = str(uuid.uuid4())
    after(admin_client, shirt, BUTTON, **FIVE, request_key=token)
    assert "nothing has changed" in after(admin_client, shirt, BUTTON, **FIVE, request_key=token)
    assert (on_hand(), len(noted())) == (15, 1)


def test_promised_pieces_stay(admin_client, shirt):
    in_transaction(stock.reserve)(holder="checkout:1", demand={7: 8})
    html = refused(admin_client, shirt, BUTTON, pieces="-3", reason="damaged")
    assert "At most 2 can be taken away: 10 on hand, 8 of them promised." in html
    assert (on_hand(), noted()) == (10, [])


def test_more_than_is_there_is_said_to_be_more(admin_client, shirt):
    html = refused(admin_client, shirt, BUTTON, pieces="-11", reason="damaged")
    assert "At most 10 can be taken away: 10 on hand, 0 of them promised." in html


def test_who_did_it_and_why_is_on_its_page(admin_client, admin_user, shirt):
    html = after(admin_client, shirt, BUTTON, **FIVE)
    said = "Stock +5. Goods came in: Monday's pallet. Before: 10 on hand. After: 15 on hand."
    assert noted() == [said]
    for text in ("Goods came in", "Monday&#x27;s pallet", str(admin_user), "+5"):
        assert text in html


@pytest.mark.parametrize(
    "typed", [{"pieces": "0"}, {"pieces": "x"}, {"pieces": "9" * 30}, {"reason": "imported"}, {"reason": "odd"}]
)
def test_what_cannot_be_is_said_in_the_dialog(admin_client, shirt, typed):
    assert press(admin_client, shirt, BUTTON, **(FIVE | typed)).status_code == 200
    assert (on_hand(), StockAdjustment.objects.count()) == (10, 0)


@pytest.mark.parametrize(
    ("reason", "pieces", "said"),
    [
        ("received", "-3", "“Goods came in” adds pieces to the shelf; -3 takes pieces off the shelf. Type 3,"),
        ("returned", "-3", "“Came back from a shopper” adds pieces to the shelf; -3 takes"),
        ("damaged", "3", "“Damaged or lost” takes pieces off the shelf; 3 adds pieces to the shelf. Type -3,"),
    ],
)
def test_a_reason_that_contradicts_the_number_is_refused_beside_it(admin_client, shirt, reason, pieces, said):
    html = refused(admin_client, shirt, BUTTON, pieces=pieces, reason=reason, note="Monday")
    assert said in html[html.index('name="reason"') : html.index('name="note"')]
    assert f'name="pieces" value="{pieces}"' in html
    assert f'value="{reason}" selected' in html
    assert 'value="Monday"' in html
    assert (on_hand(), noted()) == (10, [])


@pytest.mark.parametrize("reason", ["counted", "corrected"])
@pytest.mark.parametrize("pieces", [3, -3])
def test_a_count_and_a_mistake_go_both_ways(admin_client, shirt, reason, pieces):
    after(admin_client, shirt, BUTTON, pieces=pieces, reason=reason)
    assert on_hand() == 10 + pieces


def test_who_may_only_look_is_refused(client, shirt):
    client.force_login(staff_with("catalog.view_variant", "catalog.change_variant"))
    assert not has_button(page(client, shirt), shirt, BUTTON)
    assert press(client, shirt, BUTTON, **FIVE).status_code == 403
    assert on_hand() == 10


def test_the_permission_is_all_it_takes(client, shirt):
    client.force_login(staff_with("catalog.view_variant", "catalog.change_stock"))
    assert press(client, shirt, BUTTON, **FIVE).status_code == 302
    assert on_hand() == 15


def test_what_is_not_there_is_not_found(admin_client, shirt):
    address = address_of(shirt, BUTTON).replace("/7/", "/999/")
    data = {"_form_submitted": "1", "request_key": str(uuid.uuid4()), **FIVE}
    assert admin_client.post(address, data).status_code == 404


def test_pieces_added_on_the_products_page_are_in_the_history(admin_client, admin_user, shirt):
    from tests.admin_forms import errors_of, filled_in

    address = address_of(shirt.product)
    answer = admin_client.post(address, filled_in(admin_client, address, **{"variants-0-received": "5"}))
    assert errors_of(answer) == ""
    row = StockAdjustment.objects.get()
    assert (row.on_hand_after, row.reason, row.by) == (15, "received", str(admin_user))
