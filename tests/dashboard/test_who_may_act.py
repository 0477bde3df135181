"""Every act asks for its permission, is asked before it is done, and finds only what is there."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from orders.models import Order
from payments.models import Payment
from tests.admin_rows import staff_with
from tests.dashboard.pressed import address_of, has_button, held_for, in_doubt, page, press
from tests.factories import ADDRESS

ON_ORDERS = {
    "ship": "orders.fulfil_order",
    "refund": "orders.refund_order",
    "cancel": "orders.cancel_order",
    "edit_shipping_address": "orders.edit_address",
    "edit_billing_address": "orders.edit_address",
    "resend_confirmation": "orders.resend_confirmation",
}
ON_PAYMENTS = {
    "ask_gateway": "payments.change_payment",
    "capture": "payments.capture_payment",
    "void": "payments.void_payment",
}
EVERY = [*ON_ORDERS.items(), *ON_PAYMENTS.items()]
TYPED = {"amount": "1", "reason": "x", "full_name": "Jo", "pays_back": "on", **ADDRESS}


@pytest.fixture
def row(request, order) -> Order | Payment:
    """What the button is on, so that it can be pressed."""
    button = request.node.callspec.params["button"]
    if button == "ask_gateway":
        return in_doubt(order)
    if button in ON_PAYMENTS:
        return held_for(order)
    return request.getfixturevalue("paid")


def state() -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    return list(Order.objects.values()), list(Payment.objects.values())


@pytest.mark.parametrize(("button", "permission"), EVERY)
def test_who_may_only_look_has_no_button_and_is_refused(client, row, button, permission):
    client.force_login(staff_with("orders.view_order", "payments.view_payment", "orders.change_order"))
    before = state()
    assert not has_button(page(client, row), row, button)
    assert client.get(address_of(row, button)).status_code == 403
    assert press(client, row, button, **TYPED).status_code == 403
    assert (state(), LogEntry.objects.count()) == (before, 0)


@pytest.mark.parametrize(("button", "permission"), EVERY)
def test_the_permission_is_all_it_takes(client, row, button, permission):
    if button == "void":
        Order.objects.update(status="canceled")
    client.force_login(staff_with("orders.view_order", "payments.view_payment", permission))
    assert has_button(page(client, row), row, button)
    assert press(client, row, button, **TYPED).status_code == 302
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(("button", "permission"), EVERY)
def test_it_is_asked_first(admin_client, row, button, permission):
    before = state()
    html = admin_client.get(address_of(row, button)).content.decode()
    assert 'name="request_key"' in html
    assert state() == before


@pytest.mark.parametrize("odd", ["9" * 30, "x"])
@pytest.mark.parametrize(("button", "permission"), EVERY)
def test_what_is_not_there_is_not_found(admin_client, row, button, permission, odd):
    address = address_of(row, button).replace(f"/{row.pk}/", f"/{odd}/")
    assert admin_client.get(address).status_code in {200, 404}  # an empty dialog, which leads nowhere
    data = {"_form_submitted": "1", "request_key": "6f2b6bd4-40a3-4f5e-9a53-5c1d64a7a5d1", **TYPED}
    assert admin_client.post(address, data).status_code == 404


@pytest.mark.parametrize(("button", "permission"), EVERY)
def test_who_is_not_signed_in_is_asked_to(client, row, button, permission):
    assert press(client, row, button, **TYPED)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(("button", "permission"), EVERY)
def test_the_dialog_moves_the_page_it_was_opened_on(admin_client, row, button, permission):
    data = {"_form_submitted": "1", "request_key": "6f2b6bd4-40a3-4f5e-9a53-5c1d64a7a5d1", **TYPED}
    answer = admin_client.post(address_of(row, button), data, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == address_of(row)
