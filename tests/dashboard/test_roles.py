"""What each role sees and may do: in the admin, in the sidebar, and by the APIs."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse
from rest_framework.test import APIClient

from dashboard.roles import ROLES
from tests.admin_rows import fill, make_checkout

EVERY = [role.key for role in ROLES]
SHOP = {"carts", "catalog", "checkouts", "orders", "payments", "recovery", "analytics", "purchases", "prepaid"}
SYSTEM = {"outbox", "accounts", "axes", "auth"}
SUPPORT_SEES = {
    *(
        "Cart",
        "Checkout",
        "Order",
        "Payment",
        "PaymentLink",
        "Product",
        "Variant",
        "StockAdjustment",
        "Reservation",
        "Discount",
    ),
    *("ShippingMethod", "Enrolment", "Message", "Suppression", "Consent"),
}
MONEY_ACTS = ("orders.refund_order", "orders.cancel_order", "payments.capture_payment", "payments.void_payment")
ACTS = (*MONEY_ACTS, "orders.fulfil_order", "orders.edit_address", "orders.resend_confirmation", "carts.add_cart")


def sees(client, user) -> set[str]:
    """Models whose list opens, each found open in every place or shut in every place."""
    client.force_login(user)
    home = client.get(reverse("admin:index")).content.decode()
    seen = set()
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        is_open = client.get(address).status_code == 200
        assert (f'href="{address}"' in home) == is_open, model
        seen |= {model.__name__} if is_open else set()
    return seen


def models_of(apps: set[str]) -> set[str]:
    return {model.__name__ for model in admin.site._registry if model._meta.app_label in apps}


@pytest.mark.once
def test_the_owner_sees_every_page(client, member):
    assert sees(client, member("owner")) == models_of(SHOP | SYSTEM)


@pytest.mark.once
def test_a_manager_sees_the_shop_and_its_background_work_but_no_users_and_no_keys(client, member):
    assert sees(client, member("manager")) == models_of(SHOP) | {"OutboxEvent", "JobRun"}


@pytest.mark.once
def test_support_sees_what_shoppers_ask_about(client, member):
    assert sees(client, member("support")) == SUPPORT_SEES


@pytest.mark.once
def test_an_analyst_sees_the_shop_and_touches_nothing(client, member):
    analyst = member("analyst")
    assert sees(client, analyst) == models_of(SHOP)
    assert all(".view_" in permission for permission in analyst.get_all_permissions())


@pytest.mark.parametrize(
    ("role", "may"),
    [("owner", ACTS), ("manager", ACTS), ("support", ACTS[len(MONEY_ACTS) :]), ("analyst", ())],
)
def test_who_may_act(member, role, may):
    user = member(role)
    assert [act for act in ACTS if user.has_perm(act)] == list(may)


@pytest.mark.once
@pytest.mark.parametrize("role", EVERY)
def test_every_page_that_a_role_sees_opens(client, member, role):
    fill(1, 1)
    client.force_login(member(role))
    for model in admin.site._registry:
        label = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if client.get(reverse(f"{label}_changelist")).status_code == 200:
            row = model._default_manager.first()
            assert row is not None, model
            assert client.get(reverse(f"{label}_change", args=[row.pk])).status_code == 200, model


# --- by the APIs ----------------------------------------------------------------------------------
def api(user) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("role", "listed", "deleted"), [("owner", 200, 204), ("manager", 200, 204), ("support", 200, 403), (None, 403, 403)]
)
def test_checkouts_by_the_api_are_for_those_who_may(member, staff_without_role, role, listed, deleted):
    client = api(member(role) if role else staff_without_role)
    checkout = make_checkout()
    assert client.get("/api/admin/checkouts").status_code == listed
    assert client.get(f"/api/admin/checkouts/{checkout.pk}").status_code == listed
    assert client.delete(f"/api/admin/checkouts/{checkout.pk}").status_code == deleted


@pytest.mark.parametrize(
    ("role", "listed", "refunded"),
    [("manager", 200, 201), ("support", 200, 403), ("analyst", 200, 403), (None, 403, 403)],
)
def test_orders_by_the_api_are_for_those_who_may(member, staff_without_role, paid, role, listed, refunded):
    client = api(member(role) if role else staff_without_role)
    assert client.get("/api/admin/orders").status_code == listed
    assert client.get(f"/api/orders/{paid.pk}").status_code == listed
    answer = client.post(f"/api/admin/orders/{paid.pk}/refunds", {"reason": "Too small"}, format="json")
    assert answer.status_code == refunded
    paid.refresh_from_db()
    assert bool(paid.refunded_amount) == (refunded == 201)
