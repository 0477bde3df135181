"""The page "What they bring": every number opens exactly the rows it counts."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.definitions import ASSISTED, COMPARE_WINDOW, DIRECT, EXTRA, MONEY
from carts.models import Cart
from recovery.states import Outcome
from tests.admin_rows import staff_with
from tests.analytics.mails import DAY, HOUR, buy, enrol, make_cart, make_step, press, send
from tests.factories import make_discount

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a href="(/admin/[^"]+\?[^"]+)" class="text-primary-600 dark:text-primary-500">([^<]+)</a>')
CUTS = ("step", "template", "code", "week", "sequence")


def page() -> str:
    return reverse("admin:recovery_figures")


@pytest.fixture
def history() -> None:
    """Mails of two steps over five weeks, with codes and languages, of people who are compared."""
    steps = [make_step(), make_step()]
    ten = make_discount("TEN", percent=10)
    now = timezone.now()
    for number in range(12):
        sent_at = now - (3 * number + 1) * DAY
        cart, step = make_cart(sent_at, currency="USD" if number % 4 else "EUR"), steps[number % 2]
        share = 50 if number % 3 else 10
        enrol(cart, step, is_held_out=number % 3 == 1, drawn_percent=share, compared_at=sent_at)
        outcome = Outcome.SKIPPED if number % 3 == 1 else Outcome.SENT
        language = "de" if number % 2 else "en"
        message = send(cart, step, sent_at, outcome=outcome, language=language)
        if outcome == Outcome.SENT and number % 2:
            message.link.discount = ten if number % 4 == 1 else None
            message.link.save()
            press(message, sent_at + HOUR)
        if number % 5:
            buy(cart, sent_at + 2 * HOUR, amount=1000 + number)


@pytest.mark.parametrize("by", CUTS)
def test_every_number_opens_a_list_of_exactly_so_many_rows(admin_client, history, by):
    html = admin_client.get(page(), {"by": by}).content.decode()
    links = [(unescape(address), int(text.rpartition(" ")[2])) for address, text in LINK.findall(html)]
    assert len(links) >= 2 + 2 + 4 + 1 + 5 * 2
    for address, count in links:
        answer = admin_client.get(address)
        assert answer.status_code == 200, address
        assert answer.context["cl"].result_count == count, address
    assert sum(bool(count) for _, count in links) > 12


def test_each_figure_stands_beside_its_definition(admin_client, history):
    html = admin_client.get(page()).content.decode()
    for words in (DIRECT, ASSISTED, EXTRA, MONEY):
        assert words in unescape(html)
    assert "Not yet known: too few people." in html
    assert "95 % interval" in html
    assert "$" in html
    assert "€" in html


def test_a_shop_where_nothing_happened_yet(admin_client):
    html = admin_client.get(page()).content.decode()
    assert "Not yet known: there are no two groups to compare" in html


class TestWhichDays:
    def shown(self, client, **query: str) -> dict[str, int]:
        html = client.get(page(), query).content.decode()
        return {unescape(address): int(text.rpartition(" ")[2]) for address, text in LINK.findall(html)}

    def test_can_be_chosen(self, admin_client, history):
        today = timezone.localdate()
        all_of_them = sum(self.shown(admin_client).values())
        few = self.shown(admin_client, first=str(today - 5 * DAY), last=str(today))
        assert 0 < sum(few.values()) < all_of_them

    @pytest.mark.parametrize(
        ("query", "complaint"),
        [
            ({"first": "2026-02-02", "last": "2026-02-01"}, "must not be after"),
            ({"first": "2020-01-01", "last": "2026-02-01"}, "At most 366 days"),
            ({"first": "yesterday"}, "Enter a valid date"),
            ({"by": "moon"}, "Select a valid choice"),
            ({"first": "0001-01-01", "last": "0001-01-02"}, "must not be after"),
            ({"last": "9999-12-31", "first": "9999-12-30"}, "must not be after"),
        ],
    )
    def test_that_make_no_sense_are_refused_with_a_sentence(self, admin_client, query, complaint):
        answer = admin_client.get(page(), query)
        assert answer.status_code == 200
        assert complaint in answer.content.decode()


@pytest.mark.parametrize("value", ["10", "99999999999999999999", "-1", "x", "²", "none", "fixed"])
def test_any_code_may_be_asked_for(admin_client, history, value):
    assert admin_client.get(reverse("admin:recovery_message_changelist"), {"code": value}).status_code == 200


def test_many_mails_cost_as_many_queries_as_few(admin_client, history, django_assert_max_num_queries):
    admin_client.get(page())
    for _ in range(10):
        cart = make_cart(timezone.now() - COMPARE_WINDOW - DAY)
        buy(cart, timezone.now() - COMPARE_WINDOW)
        enrol(cart, make_step(), drawn_percent=10, compared_at=timezone.now() - COMPARE_WINDOW - DAY)
    with django_assert_max_num_queries(25):
        admin_client.get(page())
    assert Cart.objects.count() == 22


def test_staff_that_may_not_see_mails_may_not_see_what_they_bring(client):
    client.force_login(staff_with("orders.view_order"))
    assert client.get(page()).status_code == 403
    assert page() not in client.get(reverse("admin:index")).content.decode()
    client.force_login(staff_with("recovery.view_message"))
    assert client.get(page()).status_code == 200
    assert client.post(page()).status_code == 405
    client.logout()
    assert client.get(page()).status_code == 302
