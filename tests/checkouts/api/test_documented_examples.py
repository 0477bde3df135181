"""Every request example of the guest API's document, typed in against the demo shop, gives the documented answer:
every key and every value, save ids of rows, times and tokens. One test an example."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.urls import resolve

from tests.checkouts.api.conftest import (
    BILLING_ADDRESS,
    BY_CARD,
    BY_MOBILEPAY,
    CUSTOMER,
    SHIPPING_ADDRESS,
    Guest,
)

NO_ADDRESS = dict.fromkeys(SHIPPING_ADDRESS, "")
NO_CUSTOMER = dict.fromkeys(CUSTOMER, "")
STANDARD = {"id": 1, "name": "Standard Shipping", "description": "Delivery in 5-7 business days", "cost": 5.99}
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def item(**changes: Any) -> dict[str, Any]:
    return {
        "product_id": 42,
        "variant_id": 7,
        "product_name": "Organic Cotton T-Shirt",
        "variant_name": "Medium / Blue",
        "sku": "TS-BL-M",
        "price": 24.99,
        "quantity": 2,
        "weight": 0.3,
        "subtotal": 49.98,
    } | changes


def checkout(**changes: Any) -> dict[str, Any]:
    """The first example's defaults: every field is on every answer."""
    return {
        "items": [],
        "status": "active",
        "shipping_address": NO_ADDRESS,
        "billing_address": NO_ADDRESS,
        "shipping_method_id": 0,
        "shipping_method": None,
        "payment_provider": "",
        "total_amount": 0,
        "shipping_cost": 0,
        "total_weight": 0,
        "customer_details": NO_CUSTOMER,
        "currency": "USD",
        "discount_code": "",
        "discount_amount": 0,
        "final_amount": 0,
        "applied_discount": None,
    } | changes


def without_ids_and_times(body: dict[str, Any]) -> dict[str, Any]:
    """Checks ids and times for their form, then takes them out."""
    body = dict(body)
    assert isinstance(body.pop("id"), int)
    UUID(body.pop("session_id"))
    for name in ("created_at", "updated_at", "last_activity_at", "expires_at"):
        assert TIME.match(body.pop(name)), name
    body["items"] = [_without_row_facts(line) for line in body["items"]]
    return body


def _without_row_facts(line: dict[str, Any]) -> dict[str, Any]:
    line = dict(line)
    assert isinstance(line.pop("id"), int)
    for name in ("created_at", "updated_at"):
        assert TIME.match(line.pop(name)), name
    return line


def assert_checkout(response: Any, **expected: Any) -> None:
    assert response.status_code == 200, response.content
    assert without_ids_and_times(response.json()) == checkout(**expected)


TWO_SHIRTS = {"items": [item()], "total_amount": 49.98, "total_weight": 0.6, "final_amount": 49.98}


def test_get_current_checkout(guest: Guest):
    guest.add()
    assert_checkout(guest.get(), **TWO_SHIRTS)


def test_add_item_to_checkout(guest: Guest):
    response = guest.add({"product_id": 42, "variant_id": 7, "quantity": 1})
    assert_checkout(
        response, items=[item(quantity=1, subtotal=24.99)], total_amount=24.99, total_weight=0.3, final_amount=24.99
    )


def test_update_checkout_item(guest: Guest):
    guest.add({"product_id": 42, "variant_id": 7, "quantity": 1})
    response = guest.call("put", "/items/42", {"quantity": 2, "variant_id": 8})
    large = item(variant_id=8, variant_name="Large / Blue", sku="TS-BL-L", weight=0.35)
    assert_checkout(response, items=[large], total_amount=49.98, total_weight=0.7, final_amount=49.98)


def test_remove_item_from_checkout(guest: Guest):
    guest.add()
    assert_checkout(guest.call("delete", "/items/42"))


def test_clear_checkout(guest: Guest):
    guest.add()
    assert_checkout(guest.call("delete"))


def test_set_shipping_address(guest: Guest):
    guest.get()
    response = guest.call("put", "/shipping-address", SHIPPING_ADDRESS)
    assert_checkout(response, shipping_address=SHIPPING_ADDRESS)


def test_set_billing_address(guest: Guest):
    guest.get()
    guest.call("put", "/shipping-address", SHIPPING_ADDRESS)
    response = guest.call("put", "/billing-address", BILLING_ADDRESS)
    assert_checkout(response, shipping_address=SHIPPING_ADDRESS, billing_address=BILLING_ADDRESS)


def test_set_customer_details(guest: Guest):
    guest.get()
    guest.call("put", "/shipping-address", SHIPPING_ADDRESS)
    guest.call("put", "/billing-address", BILLING_ADDRESS)
    response = guest.call("put", "/customer-details", CUSTOMER)
    assert_checkout(
        response,
        shipping_address=SHIPPING_ADDRESS,
        billing_address=BILLING_ADDRESS,
        customer_details=CUSTOMER,
    )


def test_set_shipping_method(guest: Guest):
    guest.get()
    guest.call("put", "/shipping-address", SHIPPING_ADDRESS)
    guest.call("put", "/billing-address", BILLING_ADDRESS)
    response = guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    assert_checkout(
        response,
        shipping_address=SHIPPING_ADDRESS,
        billing_address=BILLING_ADDRESS,
        shipping_method_id=1,
        shipping_method=STANDARD,
        shipping_cost=5.99,
        final_amount=5.99,
    )


def test_apply_discount(guest: Guest):
    guest.add()
    guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    response = guest.call("post", "/discount", {"discount_code": "SUMMER25"})
    assert_checkout(
        response,
        items=[item()],
        shipping_method_id=1,
        shipping_method=STANDARD,
        total_amount=49.98,
        shipping_cost=5.99,
        total_weight=0.6,
        discount_code="SUMMER25",
        discount_amount=12.50,
        final_amount=43.47,
        applied_discount={
            "id": 5,
            "code": "SUMMER25",
            "type": "basket",
            "method": "percentage",
            "value": 25,
            "amount": 12.50,
        },
    )


def test_remove_discount(guest: Guest):
    guest.add()
    guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    guest.call("post", "/discount", {"discount_code": "SUMMER25"})
    response = guest.call("delete", "/discount")
    assert_checkout(
        response,
        items=[item()],
        shipping_method_id=1,
        shipping_method=STANDARD,
        total_amount=49.98,
        shipping_cost=5.99,
        total_weight=0.6,
        final_amount=55.97,
    )


def documented_order(**changes: Any) -> dict[str, Any]:
    """Where the example contradicts itself (49.95 and 49.98, two final amounts) the sums are the ones that add up."""
    line = item()
    del line["weight"]
    return {
        "user_id": 0,
        "status": "pending",
        "total_amount": 49.98,
        "items": [line],
        "shipping_address": SHIPPING_ADDRESS,
        "billing_address": BILLING_ADDRESS,
        "customer_details": CUSTOMER,
        "shipping_method": "Standard Shipping",
        "shipping_cost": 5.99,
        "subtotal": 49.98,
        "total": 55.97,
        "discount_code": "",
        "discount_amount": 0,
        "final_amount": 55.97,
        "currency": "USD",
        "payment_provider": "stripe",
        "payment_status": "pending",
    } | changes


def taken_apart(response: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the answer without its order, the order without ids and times)."""
    assert response.status_code == 201, response.content
    body = response.json()
    order = body.pop("data")
    assert isinstance(order.pop("id"), int)
    assert TIME.match(order.pop("created_at"))
    for line in order["items"]:
        assert isinstance(line.pop("id"), int)
    return body, order


def test_complete_checkout_by_card(guest: Guest):
    body, order = taken_apart(guest.ready().complete(BY_CARD))
    assert re.match(r"^ORD-\d{4}-0001$", order.pop("order_number"))
    assert order == documented_order()
    assert body == {
        "success": True,
        "message": "Order created successfully",
        "action_required": False,
        "redirect_url": "",
    }


def test_complete_checkout_by_mobile_payment(guest: Guest):
    body, order = taken_apart(guest.ready().complete(BY_MOBILEPAY))
    assert order.pop("order_number") == ""  # it comes with the first accepted payment
    assert order == documented_order(payment_provider="mobilepay")
    assert body["action_required"] is True
    assert body["redirect_url"].startswith("http://127.0.0.1:8000/")


def test_list_all_checkouts_as_admin(guest: Guest, other_guest: Guest, staff: Any):
    guest.add()
    guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    other_guest.ready().complete()
    body = staff.get("/api/admin/checkouts?offset=0&limit=20").json()
    assert {name: body[name] for name in ("total", "offset", "limit")} == {"total": 2, "offset": 0, "limit": 20}
    completed, active = body["items"]
    money = {"total_amount": 49.98, "discount_amount": 0, "final_amount": 55.97, "currency": "USD"}
    assert set(active) == {"id", "session_id", "status", "created_at", "updated_at", "expires_at", *money}
    assert set(completed) == set(active) | {"completed_at", "converted_order_id"}
    assert active.items() >= ({"status": "active"} | money).items()
    assert completed.items() >= ({"status": "completed"} | money).items()


def test_get_checkout_by_id_as_admin(guest: Guest, staff: Any):
    guest.ready()
    checkout_id = guest.get().json()["id"]
    assert_checkout(
        staff.get(f"/api/admin/checkouts/{checkout_id}"),
        items=[item()],
        shipping_address=SHIPPING_ADDRESS,
        billing_address=BILLING_ADDRESS,
        shipping_method_id=1,
        shipping_method=STANDARD,
        total_amount=49.98,
        shipping_cost=5.99,
        total_weight=0.6,
        customer_details=CUSTOMER,
        final_amount=55.97,
    )


def test_delete_checkout_as_admin(guest: Guest, staff: Any):
    guest.add()
    checkout_id = guest.get().json()["id"]
    response = staff.delete(f"/api/admin/checkouts/{checkout_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert staff.get(f"/api/admin/checkouts/{checkout_id}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["checkout", "checkout/items", "checkout/items/42", "checkout/complete", "admin/checkouts", "admin/checkouts/1"],
)
def test_the_documented_paths_exist(path: str):
    assert resolve(f"/api/{path}")
