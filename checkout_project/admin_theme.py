"""The admin's looks: names, colors, and the sidebar, which shows each person what they may see."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _page(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    """A list. `title`: as the model is called everywhere else, too."""
    may_see = _may_see(f"{app}.view_{model}", f"{app}.change_{model}")
    return _entry(title, icon, f"admin:{app}_{model}_changelist", permission=may_see)


def _entry(title: str, icon: str, name: str, **more: Any) -> dict[str, Any]:
    link = reverse_lazy(name)
    return {"title": title, "icon": icon, "link": link, "active": lambda request: _is_at(request.path, link), **more}


def _is_at(path: str, link: Any) -> bool:
    """One entry is lit: a page inside another's address is not that other one."""
    links = _links()
    home = min(links, key=len)
    inside = [each for each in links if path.startswith(each) and each != home]
    return max(inside, key=len, default=home if path == home else "") == str(link)


@functools.cache
def _links() -> list[str]:
    """Looked up once: each entry of each page compares itself with all of them."""
    groups: list[Any] = NAVIGATION
    return [str(entry["link"]) for group in groups for entry in group["items"]]


def _may_see(*permissions: str) -> Callable[[HttpRequest], bool]:
    return lambda request: any(request.user.has_perm(permission) for permission in permissions)


def _home() -> dict[str, Any]:
    return _entry("Home", "home", "admin:index")


def _money_to_settle() -> dict[str, Any]:
    may_see = _may_see("payments.view_payment", "payments.change_payment")
    badge = f"{__name__}.{waiting.__name__}"
    return _entry("Money to settle", "priority_high", "admin:payments_needs_you", badge=badge, permission=may_see)


def waiting(request: HttpRequest) -> str:
    """As many rows as its page shows them; nothing is shown where there are none."""
    from common.admin import sight  # when the settings are read, there are no models yet
    from payments import needs

    return str(needs.how_many(sight(request)) or "")


def _recovery_figures() -> dict[str, Any]:
    may_see = _may_see("recovery.view_message", "recovery.change_message")
    return _entry("What they bring", "monitoring", "admin:recovery_figures", permission=may_see)


def _mails() -> dict[str, Any]:
    may_see = _may_see("orders.view_order", "orders.change_order")
    return _entry("Mails", "drafts", "admin:dashboard_mails", permission=may_see)


NAVIGATION = [
    {
        "title": "Sales",
        "separator": True,
        "items": [
            _home(),
            _money_to_settle(),
            _page("Orders", "receipt_long", "orders", "order"),
            _page("Payments", "payments", "payments", "payment"),
            _page("Differences", "difference", "payments", "difference"),
            _page("Gateway events", "webhook", "payments", "gatewayevent"),
            _page("Payment links", "link", "payments", "paymentlink"),
            _page("Checkouts", "shopping_cart_checkout", "checkouts", "checkout"),
            _page("Carts", "shopping_cart", "carts", "cart"),
            _mails(),
        ],
    },
    {
        "title": "Recovery",
        "separator": True,
        "items": [
            _recovery_figures(),
            _page("Sequences", "mail", "recovery", "sequence"),
            _page("Steps", "stacked_email", "recovery", "step"),
            _page("Carts in a sequence", "schedule_send", "recovery", "enrolment"),
            _page("Recovery mails", "outgoing_mail", "recovery", "message"),
            _page("Recovery links", "link", "recovery", "recoverylink"),
            _page("Suppressed addresses", "unsubscribe", "recovery", "suppression"),
            _page("Consents", "approval", "recovery", "consent"),
        ],
    },
    {
        "title": "Agents",
        "separator": True,
        "items": [
            _page("Purchases", "smart_toy", "purchases", "purchase"),
            _page("Balances", "account_balance_wallet", "prepaid", "account"),
            _page("Movements", "swap_horiz", "prepaid", "entry"),
        ],
    },
    {
        "title": "Catalog",
        "separator": True,
        "items": [
            _page("Products", "inventory_2", "catalog", "product"),
            _page("Variants", "shelves", "catalog", "variant"),
            _page("Stock adjustments", "history", "catalog", "stockadjustment"),
            _page("Reservations", "lock_clock", "catalog", "reservation"),
            _page("Discounts", "sell", "catalog", "discount"),
            _page("Shipping methods", "local_shipping", "checkouts", "shippingmethod"),
        ],
    },
    {
        "title": "System",
        "separator": True,
        "items": [
            _page("Outbox events", "outbox", "outbox", "outboxevent"),
            _page("Jobs", "schedule", "outbox", "jobrun"),
            _page("Users", "person", "accounts", "user"),
            _page("Groups", "group", "auth", "group"),
            _page("API keys", "key", "accounts", "apikey"),
            _page("Access attempts", "lock", "axes", "accessattempt"),
            _page("Test charges", "science", "payments", "testcharge"),
        ],
    },
]


def theme(shop_name: str) -> dict[str, Any]:
    return {
        "SITE_TITLE": shop_name,
        "SITE_HEADER": shop_name,
        "SITE_SUBHEADER": "Dashboard",
        "SITE_SYMBOL": "storefront",
        "SITE_URL": "/",
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("shop/favicon.svg")}],  # noqa: ARG005
        "SHOW_BACK_BUTTON": True,
        "COLORS": {
            "primary": {
                "50": "oklch(98.4% .014 180.7)",
                "100": "oklch(95.3% .051 180.8)",
                "200": "oklch(91% .096 180.4)",
                "300": "oklch(85.5% .138 181.1)",
                "400": "oklch(77.7% .152 181.9)",
                "500": "oklch(60% .118 184.7)",
                "600": "oklch(51.1% .096 186.4)",
                "700": "oklch(43.7% .078 188.2)",
                "800": "oklch(38.6% .063 188.4)",
                "900": "oklch(33% .053 189)",
                "950": "oklch(27.7% .046 192.5)",
            }
        },
        "DASHBOARD_CALLBACK": "dashboard.home.page.context",
        "STYLES": [lambda request: static("dashboard/dashboard.css")],  # noqa: ARG005
        "ACCOUNT": {
            "navigation": [
                {"title": "Change password", "link": reverse_lazy("admin:password_change")},
                {"title": "Second step", "link": reverse_lazy("admin:own_second_step")},
            ]
        },
        "SIDEBAR": {"show_search": False, "command_search": False, "navigation": NAVIGATION},
    }
