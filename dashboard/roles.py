"""What each role may do, on one screen. `docs/operations.md` says it in words.

Patterns of permissions, as `<app>.<codename>`: what an app of a later version brings is covered, too. Groups are given
theirs by `manage.py make_roles` (accounts.roles), each once: what a merchant changes by hand stays changed.
"""

from __future__ import annotations

from accounts.roles import Role

_SHOP = ("carts", "catalog", "checkouts", "orders", "payments", "recovery", "analytics", "purchases")
_SEES_THE_SHOP = tuple(f"{app}.view_*" for app in (*_SHOP, "prepaid"))
_RUNS_THE_SHOP = tuple(f"{app}.*" for app in _SHOP)

OWNER = Role(
    "owner",
    "Owner",
    (*_RUNS_THE_SHOP, "dashboard.*", "prepaid.*", "outbox.*", "accounts.*", "axes.*", "auth.view_group"),
)
MANAGER = Role(
    "manager",
    "Manager",
    (*_RUNS_THE_SHOP, "dashboard.export_list", "prepaid.view_*", "outbox.view_*", "outbox.change_outboxevent"),
)
SUPPORT = Role(
    "support",
    "Support",
    (
        *("carts.view_*", "checkouts.view_*", "orders.view_*", "catalog.view_*"),
        *("payments.view_payment", "payments.view_paymententry", "payments.view_refund", "payments.view_paymentlink"),
        *("recovery.view_enrolment", "recovery.view_message", "recovery.view_suppression", "recovery.view_consent"),
        # Payment links and draft orders, checkouts ended and reopened, orders on their way. No money moves back.
        *("carts.add_cart", "carts.change_cart", "checkouts.change_checkout", "payments.change_paymentlink"),
        *("orders.change_order", "orders.fulfil_order", "orders.edit_address", "orders.resend_confirmation"),
        "recovery.add_suppression",
    ),
)
ANALYST = Role("analyst", "Analyst", _SEES_THE_SHOP)

ROLES = (OWNER, MANAGER, SUPPORT, ANALYST)
