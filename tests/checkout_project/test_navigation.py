"""The sidebar: one entry is lit, the one whose page is open."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve, reverse
from django.utils.text import capfirst

from checkout_project.admin_theme import NAVIGATION
from tests.admin_rows import make_order

ENTRIES = [entry for group in NAVIGATION for entry in group["items"]]
LISTS = [entry for entry in ENTRIES if str(entry["link"]).count("/") == 4]  # /admin/<app>/<model>/


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


@pytest.mark.parametrize("entry", LISTS, ids=lambda entry: entry["title"])
def test_a_list_is_called_the_same_in_the_menu_above_its_rows_and_among_all_pages(admin_client, entry):
    html = admin_client.get(str(entry["link"])).content.decode()
    title = re.search(r"<h1.*?</h1>", html, re.DOTALL)
    assert title is not None
    assert entry["title"] in title[0]
    assert entry["title"] == capfirst(resolve(str(entry["link"])).func.model_admin.opts.verbose_name_plural)


@pytest.mark.parametrize("path", ["/admin/", *(str(entry["link"]) for entry in LISTS)])
def test_no_list_is_called_by_another_name(admin_client, path):
    text = re.sub(r"<[^>]+>", " ", admin_client.get(path).content.decode())
    others = r"Messages?\b(?!-ID)|Mails and why not|Job runs?|Enrolments?|Suppressions?|Stock history|Failed sign-ins"
    assert not re.findall(rf"\b(?:{others})\b", text)


def test_icons_are_not_read_out(admin_client):
    html = admin_client.get("/admin/").content.decode()
    sidebar = html[html.index('id="nav-sidebar-apps"') :]
    icons = re.findall(
        r'<span class="material-symbols-outlined[^>]*>(?=\s*(?:shopping_cart|receipt_long)\s*<)', sidebar
    )
    assert [icon.endswith('aria-hidden="true">') for icon in icons] == [True, True]
