"""The pictures in docs/pictures: what each role sees of the demo shop. `make gallery` makes them; that no page has a
fault is asked of all pages in tests/proofs/test_admin_walk.py."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.db.models import Model
from django.urls import reverse

from carts.models import Cart
from catalog.models import Discount, Product, Variant
from checkouts.models import ShippingMethod, ShippingRate
from orders.models import Order
from payments.models import Payment
from prepaid.models import Account
from recovery.models import Sequence, Step
from tests.browser.admin_pages import client_of, member, shop_with_everything
from tests.browser.chromium import PHONE
from tests.browser.test_pictures import IS_MAKING
from tests.browser.walking import DAY_AT_A_DESK, NIGHT_ON_A_PHONE, Walk

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pictures"
TALLEST = 2600  # pixels: beyond it a list or a page repeats itself

# Name: what it shows, and its address in the admin; a model is its first record's page.
OWNER: dict[str, tuple[str, str | type[Model]]] = {
    "home": ("Home", "index"),
    "needs-you": ("Money to settle", "payments_needs_you"),
    "orders": ("Orders", "orders_order_changelist"),
    "order": ("An order, with its timeline", Order),
    "payment": ("A payment", Payment),
    "carts": ("Carts", "carts_cart_changelist"),
    "cart": ("A cart", Cart),
    "mails": ("Mails to shoppers", "dashboard_mails"),
    "figures": ("What the mails bring", "recovery_figures"),
    "recovery-mails": ("Recovery mails, and why one was not sent", "recovery_message_changelist"),
    "sequence": ("A sequence", Sequence),
    "step": ("A step of it", Step),
    "products": ("Products", "catalog_product_changelist"),
    "product": ("A product with its variants", Product),
    "stock": ("Stock of a variant, with its history", Variant),
    "import": ("The catalog as a CSV file", "catalog_import"),
    "discount": ("A discount", Discount),
    "shipping": ("A shipping method, with rates by country", ShippingMethod),
    "balance": ("An agent's balance", Account),
    "jobs": ("Jobs", "outbox_jobrun_changelist"),
    "keys": ("API keys", "accounts_apikey_changelist"),
    "second-step": ("The second step of signing in", "own_second_step"),
}
ROLES: dict[str, dict[str, tuple[str, str | type[Model]]]] = {
    "owner": OWNER,
    "manager": {"manager-home": ("Home of a manager", "index")},
    "support": {
        "support-home": ("Home of support", "index"),
        "support-order": ("An order, as support sees it", Order),
        "support-draft": ("An order by phone", "carts_draft_order"),
    },
    "analyst": {
        "analyst-home": ("Home of an analyst", "index"),
        "analyst-order": ("An order, as an analyst sees it", Order),
    },
}


@pytest.mark.timeout(900)
@pytest.mark.skipif(not IS_MAKING, reason="makes the pictures: run by `make gallery`")
def test_the_pages_of_each_role_have_their_pictures(chromium, live_server, transactional_db, settings):
    settings.BASE_URL = live_server.url
    shop_with_everything()
    standard = ShippingMethod.objects.earliest("pk")
    for country, amount in (("CA", 899), ("NO", 1950)):
        ShippingRate.objects.create(method=standard, currency="USD", country=country, amount=amount)
    ShippingRate.objects.create(method=standard, currency="USD", country="AQ", is_offered=False, amount=0)
    shutil.rmtree(DOCS, ignore_errors=True)
    DOCS.mkdir(parents=True)
    walk = Walk(chromium, live_server.url)
    for role, pages in ROLES.items():
        client = client_of(member(role))
        for look in (DAY_AT_A_DESK, NIGHT_ON_A_PHONE):
            page = walk.begin(client, look)
            for name, (_, of) in pages.items():
                walk.visit(page, _address(of), look)
                _picture(page, name, look)
            page.context.close()
    assert not walk.faults, "\n".join(walk.faults)
    (DOCS / "README.md").write_text(_index())


def _address(of: str | type[Model]) -> str:
    if isinstance(of, str):
        return reverse(f"admin:{of}")
    name = f"admin:{of._meta.app_label}_{of._meta.model_name}_change"
    return reverse(name, args=[of._default_manager.earliest("pk").pk])


def _picture(page, name: str, look) -> None:
    (width, height), dark = look
    page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")
    tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    page.set_viewport_size({"width": width, "height": max(height, tall)})
    path = DOCS / f"{name}-{width}-{'dark' if dark else 'light'}.jpg"
    page.screenshot(path=path, animations="disabled", type="jpeg", quality=70)
    page.set_viewport_size({"width": width, "height": height})


def _index() -> str:
    lines = ["# The dashboard in pictures", "", "What each role sees of the demo shop: at a desk by day, on a phone by"]
    lines += [
        "night. Made by `make gallery`; that no page has a fault is asked of all of them by",
        "`make prove NAME=admin_walk`.",
    ]
    for role, pages in ROLES.items():
        lines += ["", f"## {role.capitalize()}"]
        for name, (title, _) in pages.items():
            desk, phone = (f"{name}-1280-light.jpg", f"{name}-{PHONE[0]}-dark.jpg")
            lines += ["", f"### {title}", ""]
            lines += [f'<img src="{desk}" alt="" height="420"> <img src="{phone}" alt="" height="420">']
    return "\n".join([*lines, ""])
