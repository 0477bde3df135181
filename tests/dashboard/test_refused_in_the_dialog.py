"""A refusal leaves the dialog open, with what was typed and the reason beside the field that is to blame."""

from __future__ import annotations

import re
import uuid

import pytest

from catalog.models import Variant
from orders.models import Order
from payments.models import Refund
from tests.dashboard.pressed import address_of, held_for, press
from tests.factories import ADDRESS, MEDIUM_BLUE_ID

TOO_MUCH = {"amount": "100", "reason": "Too small"}


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200, answer["Location"]
    return answer.context["form"].errors


def has_typed(answer, **typed: str) -> bool:
    html = answer.content.decode()
    return all(re.search(rf'name="{name}"[^>]*value="{value}"', html) for name, value in typed.items())


def test_more_than_was_paid(admin_client, paid):
    answer = press(admin_client, paid, "refund", **TOO_MUCH)
    assert errors(answer) == {"amount": ["At most $55.97 can be refunded."]}
    assert has_typed(answer, **TOO_MUCH)


def test_what_is_sent_once_more_is_done_once(admin_client, paid):
    typed = {"reason": "Too small", "request_key": str(uuid.uuid4())}
    press(admin_client, paid, "refund", amount="100", **typed)
    for _ in range(2):
        assert press(admin_client, paid, "refund", amount="10", **typed).status_code == 302
    assert Refund.objects.get().amount == 1000


def test_a_cancellation_without_the_money_back(admin_client, paid):
    answer = press(admin_client, paid, "cancel", reason="Broken")
    assert errors(answer) == {"pays_back": ["$55.97 was paid for this order: cancel it with paying back."]}
    assert has_typed(answer, reason="Broken")


def test_a_parcel_of_an_order_that_is_not_paid(admin_client, order):
    answer = press(admin_client, order, "ship", carrier="DHL", tracking_number="1")
    assert list(errors(answer)) == ["__all__"]
    assert "This order is not paid" in answer.content.decode()
    assert has_typed(answer, carrier="DHL", tracking_number="1")


@pytest.mark.parametrize("button", ["edit_shipping_address", "edit_billing_address"])
def test_an_address_of_an_order_that_is_on_its_way(admin_client, paid, button):
    press(admin_client, paid, "ship")
    answer = press(admin_client, paid, button, **ADDRESS, full_name="Jane Doe")
    assert "This order is on its way already." in errors(answer)["__all__"]
    assert has_typed(answer, full_name="Jane Doe", city=ADDRESS["city"])
    assert "Jane Doe" not in Order.objects.get().full_name


def test_a_shelf_with_less_than_is_promised(admin_client, order):
    variant = Variant.objects.get(pk=MEDIUM_BLUE_ID)
    answer = press(admin_client, variant, "adjust_stock", pieces="-1000000", reason="damaged", note="The roof leaks")
    assert "of them promised" in errors(answer)["pieces"][0]
    assert has_typed(answer, pieces="-1000000", note="The roof leaks")


def test_the_page_stays_where_it_is(admin_client, paid):
    sent = {"_form_submitted": "1", "request_key": str(uuid.uuid4()), **TOO_MUCH}
    answer = admin_client.post(address_of(paid, "refund"), sent, headers={"HX-Request": "true"})
    assert "HX-Redirect" not in answer
    assert 'id="dialog-form"' in answer.content.decode()


def test_where_nothing_was_typed_the_page_says_it(admin_client, order):
    payment = held_for(order)
    press(admin_client, payment, "capture")
    answer = press(admin_client, payment, "capture")
    assert answer.status_code == 302
