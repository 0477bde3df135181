"""Every page of the admin that a role may open, in a real browser: no fault, nothing forbidden, nothing that axe-core
objects to. The pages are found in the admin's URLs (tests.browser.admin_pages): one that is added is walked by itself.

In the suite the owner's lists and the pages of their own, at a desk by day; at full size all pages of all roles, at a
desk by day and on a phone by night, and the most important ones in every way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from dashboard.roles import ROLES
from tests.browser.admin_pages import Address, addresses, client_of, is_page, member, shop_with_everything
from tests.browser.chromium import launched
from tests.browser.walking import DAY_AT_A_DESK, EVERY, NIGHT_ON_A_PHONE, Walk

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.timeout(3600)]

_OF_EVERY_MODEL = ("_add", "_change", "_delete", "_history", "_export")
# Looked at in every way: where the merchant looks first.
_IMPORTANT = ("index", "orders_order_changelist", "orders_order_change", "payments_needs_you", "carts_draft_order")
_MUST_NOT = {403, 404}  # 404: Django's answer for the list of an app of which nothing may be seen


@pytest.fixture
def walk(transactional_db: None, live_server: Any, settings: Any) -> Iterator[Walk]:
    settings.BASE_URL = live_server.url  # where mails that are looked at have their pictures
    shop_with_everything()
    with launched() as browser:
        yield Walk(browser, live_server.url)


def _pages(client: Client, found: list[Address]) -> list[Address]:
    """Those that open for the client. None answers with a fault, and none that is shut is anything but forbidden."""
    pages = []
    for address in found:
        answer = client.get(address.path)
        assert answer.status_code < 500, address
        pages += [address] if is_page(answer) else []
    return pages


def test_admin_walk_in_small_lists_and_pages_of_their_own_have_no_fault(
    walk: Walk, figures: Callable[..., None]
) -> None:
    client = client_of(member("owner"))
    pages = _pages(client, [each for each in addresses() if not each.name.endswith(_OF_EVERY_MODEL)])
    page = walk.begin(client, DAY_AT_A_DESK)
    for address in pages:
        walk.visit(page, address.path, DAY_AT_A_DESK)
    figures(pages=walk.seen, faults=len(walk.faults))
    assert not walk.faults, "\n".join(walk.faults)
    assert walk.seen > 40


@pytest.mark.parametrize("role", [role.key for role in ROLES])
@pytest.mark.long
def test_admin_walk_of_a_role(walk: Walk, figures: Callable[..., None], role: str) -> None:
    user = member(role)
    client, found = client_of(user), addresses()
    pages = _pages(client, found)
    shut = [each for each in found if each not in pages and _must_be_shut(user, each)]
    assert [each.path for each in shut if client.get(each.path).status_code not in _MUST_NOT] == []
    _all_in_the_sidebar_open(client, {page.path for page in pages})
    for look in EVERY:
        page = walk.begin(client, look)
        everything = look in {DAY_AT_A_DESK, NIGHT_ON_A_PHONE}
        for address in pages if everything else [each for each in pages if each.name in _IMPORTANT]:
            walk.visit(page, address.path, look)
        page.context.close()
    figures(pages=len(pages), looked_at=walk.seen, forbidden=len(shut), faults=len(walk.faults))
    assert not walk.faults, "\n".join(walk.faults)


def _must_be_shut(user: Any, address: Address) -> bool:
    """The pages of a model that the role has no permission about."""
    model: type[Model] | None = address.model
    if model is None:
        return False
    label, name = model._meta.app_label, model._meta.model_name
    return not any(user.has_perm(f"{label}.{verb}_{name}") for verb in ("view", "change", "add", "delete"))


def _all_in_the_sidebar_open(client: Client, open_pages: set[str]) -> None:
    groups = client.get("/admin/").context["sidebar_navigation"]
    offered = {str(entry["link"]) for group in groups for entry in group["items"] if entry["has_permission"]}
    assert offered <= open_pages
    assert len(offered) > 10
