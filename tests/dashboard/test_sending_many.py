"""Many parcels a day: orders are ticked, each gets its number, and each shopper hears of it once."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from dashboard import bulk, send_form
from dashboard.bulk_acts import SENT_ALREADY
from orders import fulfilment
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments import refunds
from payments import services as payments
from tests.admin_rows import staff_with
from tests.dashboard.pressed import deliver, noted, page, words
from tests.dashboard.ticked import ask, confirm, confirmation, list_of
from tests.payments.builders import make_order

ACT = "send_selected"
LEFT_OUT = "Left out:"


def sold() -> Order:
    return payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order


@pytest.fixture
def parcels(paid) -> list[Order]:
    return [paid, sold()]


def typed(*numbers: tuple[Order, str], carrier: str = "DHL") -> dict[str, object]:
    return {"carrier": carrier, **{send_form.number_field(order): number for order, number in numbers}}


def numbered(*orders: Order) -> dict[str, object]:
    return typed(*((order, f"JD{order.pk}") for order in orders))


def asked(client, *orders: Order) -> str:
    return words(ask(client, ACT, *orders).content.decode())


def send(client, orders: list[Order], given: dict[str, object]) -> str:
    """What the page says afterwards; the orders are read anew."""
    html = confirm(client, confirmation(ask(client, ACT, *orders), *orders) | given, orders[0])
    for order in orders:
        order.refresh_from_db()
    return html


def recipients() -> list[str]:
    deliver()
    return [message.to[0] for message in mail.outbox if "on its way" in message.subject]


class TestTheyAreSent:
    def test_each_with_its_own_number_and_the_carrier_of_all(self, admin_client, parcels):
        assert "2 orders sent." in send(admin_client, parcels, numbered(*parcels))
        for order in parcels:
            assert (order.carrier, order.tracking_number) == ("DHL", f"JD{order.pk}")
            assert order.shipped_at is not None

    def test_each_shopper_is_written_to_once_with_their_own_number(self, admin_client, parcels):
        Order.objects.filter(pk=parcels[1].pk).update(email="other@example.com")
        for _ in range(2):
            send(admin_client, parcels, numbered(*parcels))
        assert sorted(recipients()) == sorted({parcels[0].email, "other@example.com"})
        (message,) = [each for each in mail.outbox if each.to == ["other@example.com"] and "on its way" in each.subject]
        assert f"JD{parcels[1].pk}" in message.body
        assert f"JD{parcels[0].pk}" not in message.body

    def test_it_is_on_each_timeline_as_fulfil_is(self, admin_client, parcels):
        send(admin_client, parcels, numbered(*parcels))
        assert noted() == [f"Fulfilled. Before: not sent. After: DHL JD{order.pk}." for order in parcels]
        for order, said in zip(parcels, noted(), strict=True):
            assert said in page(admin_client, order)

    def test_neither_carrier_nor_number_is_needed(self, admin_client, parcels):
        assert "2 orders sent." in send(admin_client, parcels, typed(*((each, "") for each in parcels), carrier=""))
        assert [order.tracking_number for order in parcels] == ["", ""]

    def test_what_was_pasted_with_blanks_around_it_has_none(self, admin_client, parcels):
        send(admin_client, parcels, typed((parcels[0], "  JD1\t"), (parcels[1], "")))
        assert parcels[0].tracking_number == "JD1"

    def test_the_list_stays_narrowed_afterwards(self, admin_client, parcels):
        asking = ask(admin_client, ACT, *parcels, query="?sending=to_be_sent")
        answer = admin_client.post(list_of(Order), confirmation(asking, *parcels) | numbered(*parcels))
        assert answer["Location"] == f"{list_of(Order)}?sending=to_be_sent"


class TestTwice:
    def test_the_same_page_changes_nothing_more(self, admin_client, parcels):
        given = confirmation(ask(admin_client, ACT, *parcels), *parcels) | numbered(*parcels)
        confirm(admin_client, given, parcels[0])
        html = words(confirm(admin_client, given, parcels[0]))
        assert "0 orders sent." in html
        assert f"2 not: {SENT_ALREADY} ({parcels[0].number}, {parcels[1].number})." in html
        assert len(noted()) == 2

    def test_what_a_colleague_sent_meanwhile_keeps_their_number(self, admin_client, parcels):
        given = confirmation(ask(admin_client, ACT, *parcels), *parcels) | numbered(*parcels)
        fulfilment.ship(parcels[0].pk, carrier="UPS", tracking_number="1Z")
        html = words(confirm(admin_client, given, parcels[0]))
        assert "1 order sent." in html
        assert f"1 not: {SENT_ALREADY} ({parcels[0].number})." in html
        parcels[0].refresh_from_db()
        assert (parcels[0].carrier, parcels[0].tracking_number) == ("UPS", "1Z")

    def test_what_is_sent_between_the_look_and_the_lock_is_seen(self, admin_client, admin_user, parcels):
        from dashboard import acts

        fulfilment.ship(parcels[0].pk, carrier="UPS", tracking_number="1Z")
        assert not acts.ship_unsent(parcels[0].pk, carrier="DHL", tracking_number="JD1", by=admin_user)
        parcels[0].refresh_from_db()
        assert (parcels[0].tracking_number, noted()) == ("1Z", [])


class TestWhatIsAsked:
    def test_a_row_says_whose_it_is_where_it_goes_and_what_is_to_be_packed(self, admin_client, paid):
        said = asked(admin_client, paid)
        for part in (paid.number, paid.full_name, "San Francisco, United States"):
            assert part in said
        assert "2 × Organic Cotton T-Shirt, Medium / Blue (TS-BL-M)" in said

    def test_the_page_has_a_heading_of_its_own_and_claims_nothing_yet(self, admin_client, paid):
        html = ask(admin_client, ACT, paid).content.decode()
        assert re.search(r"truncate tracking-tight[^>]*>\s*Mark as sent\s*<", html)
        assert re.search(rf'href="{list_of(Order)}" class="[^"]*truncate', html)
        assert "Pressing Mark as sent says that these goods are on their way" in words(html)

    def test_a_browser_cuts_nothing_of_what_is_typed_into_it(self, admin_client, paid):
        html = ask(admin_client, ACT, paid).content.decode()
        fields = re.findall(r'<input type="text" name="(?:carrier|tracking_number_\d+)"[^>]*>', html)
        assert [field for field in fields if "maxlength" in field] == []
        assert len(fields) == 2

    def test_nothing_is_done_yet(self, admin_client, parcels):
        ask(admin_client, ACT, *parcels)
        assert (noted(), Order.objects.filter(shipped_at__isnull=False).count()) == ([], 0)

    def test_a_long_order_says_how_many_lines_more_there_are(self, admin_client, parcels, monkeypatch):
        monkeypatch.setattr(send_form, "MOST_LINES", 2)
        for name in "ABC":
            add_line(parcels[0], name)
        said = asked(admin_client, *parcels)
        assert "1 × A and 2 more" in said
        assert "1 × B" not in said

    def test_an_order_without_an_address_or_lines_is_asked_about(self, admin_client, paid):
        Order.objects.update(shipping_address={}, full_name="", email="")
        OrderLine.objects.all().delete()
        assert "1 order sent." in send(admin_client, [paid], numbered(paid))

    def test_it_costs_as_many_queries_for_many_orders_as_for_few(
        self, admin_client, paid, django_assert_max_num_queries
    ):
        ask(admin_client, ACT, paid)
        with django_assert_max_num_queries(100) as few:
            ask(admin_client, ACT, paid)
        many = [paid, *(sold() for _ in range(4))]
        add_line(many[-1], "A")
        with django_assert_max_num_queries(len(few)):
            ask(admin_client, ACT, *many)

    def test_at_most_so_many_at_once(self, admin_client, parcels, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
        assert "1 order sent." in send(admin_client, parcels, numbered(*parcels))
        assert [order.shipped_at is None for order in parcels] == [False, True]


def add_line(order: Order, name: str) -> None:
    OrderLine.objects.create(order=order, product_name=name, variant_name="", sku="", unit_amount=0, quantity=1)


def sent(order: Order) -> None:
    fulfilment.ship(order.pk, carrier="UPS", tracking_number="1Z")


def canceled(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.CANCELED)


def paid_back(order: Order) -> None:
    refunds.refund_order(order.pk, reason="Too small", request_key="1")


def sold_out(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(takes_parts=True, fulfilled_at=None)


def unpaid(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.PENDING)


CANNOT = {
    sent: ("Sent already.", SENT_ALREADY),
    canceled: ("The order is canceled and cannot become sent.",) * 2,
    paid_back: ("This order is not paid, or all of it was paid back.",) * 2,
    sold_out: ("The goods of this order are not on the shelf",) * 2,
    unpaid: ("This order is not paid",) * 2,
}


@pytest.mark.parametrize(("happened", "said"), CANNOT.items(), ids=lambda each: getattr(each, "__name__", ""))
class TestWhatCannotBeSent:
    def test_is_told_in_its_row_and_afterwards_and_the_others_are_sent(self, admin_client, parcels, happened, said):
        happened(parcels[0])
        before, after = said
        assert f"{LEFT_OUT} {before}" in asked(admin_client, *parcels)
        html = words(send(admin_client, parcels, numbered(parcels[1])))
        assert "1 order sent." in html
        assert f"1 not: {after.rstrip('.')}" in html
        assert parcels[0].number in html
        assert parcels[1].tracking_number == f"JD{parcels[1].pk}"
        assert len(noted()) == 1

    def test_alone_there_is_nothing_to_press(self, admin_client, paid, happened, said):
        happened(paid)
        html = ask(admin_client, ACT, paid).content.decode()
        assert "None of them can be sent." in html
        assert ">Mark as sent</button>" not in html

    def test_is_not_sent_when_it_comes_about_while_the_page_is_open(self, admin_client, paid, happened, said):
        given = confirmation(ask(admin_client, ACT, paid), paid) | numbered(paid)
        happened(paid)
        html = words(confirm(admin_client, given, paid))
        assert "0 orders sent." in html
        assert said[1].rstrip(".") in html
        assert noted() == []


def test_what_was_said_to_be_left_out_is_left_out_also_when_it_could_be_sent_by_now(admin_client, paid):
    unpaid(paid)
    given = confirmation(ask(admin_client, ACT, paid), paid)
    Order.objects.update(status=OrderStatus.ACCEPTED)
    html = confirm(admin_client, given | {"carrier": ""}, paid)
    assert "1 not: It can be sent only since this was asked: choose it once more" in html
    assert noted() == []


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("odd", ["x" * 101, "4242424242424242", "JD\x001"])
    def test_nothing_is_sent_and_the_page_keeps_what_was_typed(self, admin_client, parcels, odd):
        html = send(admin_client, parcels, typed((parcels[0], odd), (parcels[1], "JD2")))
        assert "Nothing is sent yet" in html
        assert re.search(r'name="carrier" value="DHL"', html)
        assert 'value="JD2"' in html
        assert html.count('aria-invalid="true"') == 1
        assert (noted(), recipients()) == ([], [])

    def test_a_carrier_is_refused_beside_its_field(self, admin_client, parcels):
        html = send(admin_client, parcels, numbered(*parcels) | {"carrier": "x" * 61})
        assert "at most 60 characters" in html
        assert f'value="JD{parcels[1].pk}"' in html
        assert noted() == []

    def test_put_right_it_goes_on(self, admin_client, parcels):
        asking = ask(admin_client, ACT, *parcels, query="?sending=to_be_sent")
        given = confirmation(asking, *parcels) | typed((parcels[0], "x" * 101), (parcels[1], "JD2"))
        refused = admin_client.post(list_of(Order), given)
        assert f'href="{list_of(Order)}?sending=to_be_sent">Back to the list' in refused.content.decode()
        again = confirmation(refused, *parcels) | typed((parcels[0], "JD1"), (parcels[1], "JD2"))
        answer = admin_client.post(list_of(Order), again)
        assert answer["Location"] == f"{list_of(Order)}?sending=to_be_sent"
        assert len(noted()) == 2

    @pytest.mark.parametrize("odd", [{"pressed_at": "yesterday"}, {"request_key": ""}])
    def test_what_nobody_typed_is_asked_again(self, admin_client, paid, odd):
        assert "please confirm once more" in send(admin_client, [paid], numbered(paid) | odd)
        assert noted() == []

    def test_nothing_is_sent_of_a_press_that_names_no_numbers(self, admin_client, paid):
        assert "0 orders sent." in send(admin_client, [paid], {"carrier": "DHL"})
        assert paid.shipped_at is None

    def test_what_is_not_there_is_passed_over(self, admin_client, paid):
        given = confirmation(ask(admin_client, ACT, paid), paid) | numbered(paid)
        html = confirm(admin_client, given | {"_selected_action": [paid.pk, 999_999]}, paid)
        assert "1 order sent." in html

    @pytest.mark.parametrize("odd", ["abc", "", "9" * 19, "-1"])
    def test_what_cannot_be_an_id_is_not_understood(self, admin_client, paid, odd):
        given = confirmation(ask(admin_client, ACT, paid), paid) | numbered(paid)
        html = confirm(admin_client, given | {"_selected_action": [paid.pk, odd]}, paid)
        assert "please tick the rows once more" in html
        assert noted() == []


class TestOneNumberForTwoOrders:
    def test_of_two_shoppers_is_refused_beside_both_and_kept(self, admin_client, parcels):
        Order.objects.filter(pk=parcels[1].pk).update(email="other@example.com")
        html = send(admin_client, parcels, typed((parcels[0], "JD1"), (parcels[1], "jd1")))
        for order in parcels:
            assert f"Also typed for {order.number}, of another shopper." in html
        assert html.count('aria-invalid="true"') == 2
        assert 'value="JD1"' in html
        assert 'value="jd1"' in html
        assert (noted(), recipients()) == ([], [])

    def test_of_one_shopper_is_one_parcel(self, admin_client, parcels):
        Order.objects.filter(pk=parcels[1].pk).update(email=parcels[0].email.upper())
        assert "2 orders sent." in send(admin_client, parcels, typed((parcels[0], "JD1"), (parcels[1], "JD1")))

    def test_of_orders_without_an_address_is_refused_nobody_knows_whose_they_are(self, admin_client, parcels):
        Order.objects.update(email="")
        html = send(admin_client, parcels, typed((parcels[0], "JD1"), (parcels[1], "JD1")))
        assert html.count("Also typed for") == 2

    def test_none_at_all_is_no_number(self, admin_client, parcels):
        Order.objects.filter(pk=parcels[1].pk).update(email="other@example.com")
        assert "2 orders sent." in send(admin_client, parcels, typed((parcels[0], ""), (parcels[1], "")))


class TestWhoMay:
    def test_only_with_its_permission(self, client, parcels):
        given = {"action": ACT, "confirmed": "1", "_selected_action": [each.pk for each in parcels]}
        client.force_login(staff_with("orders.view_order", "orders.change_order"))
        assert "confirmed" not in ask(client, ACT, *parcels).content.decode()
        confirm(client, given | numbered(*parcels), parcels[0])
        assert (noted(), Order.objects.filter(shipped_at__isnull=False).count()) == ([], 0)

    def test_with_it_no_more_is_needed(self, client, parcels):
        client.force_login(staff_with("orders.view_order", "orders.fulfil_order"))
        assert "2 orders sent." in send(client, parcels, numbered(*parcels))

    @pytest.mark.parametrize(
        ("role", "may"), [("owner", True), ("manager", True), ("support", True), ("analyst", False)]
    )
    def test_those_who_send_one(self, client, member, paid, role, may):
        client.force_login(member(role))
        assert (f'value="{ACT}"' in client.get(list_of(Order)).content.decode()) == may
