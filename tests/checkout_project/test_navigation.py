"""The sidebar: one entry is lit, the one whose page is open."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from checkout_project.admin_theme import NAVIGATION
from tests.admin_rows import make_order

ENTRIES = [entry for group in NAVIGATION for entry in group["items"]]


def lit(admin_client, path: str) -> list[str]:
    html = admin_client.get(path).content.decode()
    # unfold marks the open page's entry so, and no other thing in the sidebar
    found = re.findall(r'<a href="([^"]+)"[^>]*class="[^"]*\bactive\b[^"]*"', html)
    titles = {str(entry["link"]): entry["title"] for entry in ENTRIES}
    return [titles[link] for link in found if link in titles]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["title"])
def test_each_page_lights_its_own_entry_and_no_other(admin_client, entry):
    assert lit(admin_client, str(entry["link"])) == [entry["title"]]


def test_a_records_page_lights_its_list(admin_client, db):
    assert lit(admin_client, reverse("admin:orders_order_change", args=[make_order().pk])) == ["Orders"]


def test_recovery_mails_have_one_name(admin_client):
    html = admin_client.get(reverse("admin:recovery_message_changelist")).content.decode()
    title = re.search(r"<h1.*?</h1>", html, re.DOTALL)
    assert title is not None
    assert "Recovery mails" in title[0]
    assert html.count("Recovery mails") >= 2  # the menu says the same
    assert not re.search(r"\bMessages?\b(?!-ID)|Mails and why not", html)


def test_icons_are_not_read_out(admin_client):
    html = admin_client.get("/admin/").content.decode()
    sidebar = html[html.index('id="nav-sidebar-apps"') :]
    icons = re.findall(
        r'<span class="material-symbols-outlined[^>]*>(?=\s*(?:shopping_cart|receipt_long)\s*<)', sidebar
    )
    assert [icon.endswith('aria-hidden="true">') for icon in icons] == [True, True]
