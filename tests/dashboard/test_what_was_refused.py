"""What shoppers were refused: on the pages of their cart and checkout, on timelines, and as a filter of the carts."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts import refusals
from carts.models import Cart, Refusal
from dashboard.refused import RefusedFilter, ShortPaginator, words
from dashboard.sources import timeline
from dashboard.story import of_cart, of_checkout, of_order
from dashboard.timeline import Page
from tests.admin_rows import make_cart, make_checkout, make_order, refuse, staff_with
from tests.dashboard.pressed import page

pytestmark = pytest.mark.django_db
K = Refusal.Kind
LIST = "/admin/carts/cart/"


def everything(_: str) -> bool:
    return True


def told(page: Page) -> list[tuple[str, str]]:
    return [(entry.title, entry.detail) for entry in page.entries if entry.title.startswith("Refused")]


SAID = {
    ("discount_invalid", "SUMMER", "expired"): "code SUMMER: it has ended",
    ("discount_invalid", "SUMMER", "unknown"): "code SUMMER: there is none like it",
    ("discount_gone", "SUMMER", "used_up"): "code SUMMER: used up when the order was placed",
    ("not_enough_stock", "MUG-1", ""): "MUG-1: not enough in stock",
    ("sold_out", "MUG-1", ""): "MUG-1: not enough left when the order was placed",
    ("variant_not_for_sale", "MUG-1", ""): "MUG-1: not for sale",
    ("shipping_method_not_found", "NO", ""): "shipping to Norway",
    ("total_changed", "", ""): "the order: its total had changed since it was shown",
    ("too_many_declines", "", ""): "another payment: too many were declined",
}


@pytest.mark.parametrize(("row", "said"), SAID.items(), ids=[" ".join(row) for row in SAID])
def test_it_is_said_in_the_merchants_words(row, said):
    code, subject, reason = row
    assert words(Refusal(code=code, subject=subject, reason=reason)) == said


def test_whatever_is_noted_has_words():
    assert {code for code, _, _ in SAID} == set(refusals._KINDS)


class TestTheTimeline:
    def test_has_it_at_the_moment_it_was_first_met(self):
        cart = make_cart()
        at = timezone.now() - timedelta(hours=2)
        refuse(cart, K.DISCOUNT, "SUMMER", at=at)
        entries = [entry for entry in timeline(of_cart(cart), everything).entries if "SUMMER" in entry.title]
        assert [(entry.title, entry.detail, entry.at) for entry in entries] == [
            ("Refused code SUMMER: it has ended", "", at)
        ]

    def test_its_title_stays_and_the_detail_says_how_often(self):
        cart = make_cart()
        row = refuse(cart, K.DISCOUNT, "SUMMER")
        Refusal.objects.filter(pk=row.pk).update(times=3, last_at="2026-03-05T10:20:00Z")
        assert told(timeline(of_cart(cart), everything)) == [
            ("Refused code SUMMER: it has ended", "As it is today: 3 times, last 5 Mar 2026, 10:20")
        ]

    @pytest.mark.parametrize("of", ["cart", "checkout", "order"])
    def test_of_cart_checkout_and_order_has_it(self, of):
        cart = make_cart()
        order = make_order(1, cart=cart)
        checkout = make_checkout(1, cart=cart, order=order)
        refuse(cart, K.STOCK, "MUG-1")
        story = {"cart": of_cart(cart), "checkout": of_checkout(checkout), "order": of_order(order)}[of]
        assert told(timeline(story, everything)) == [("Refused MUG-1: not enough in stock", "")]

    def test_is_for_those_who_may_see_carts(self):
        cart = make_cart()
        refuse(cart, K.STOCK, "MUG-1")
        assert told(timeline(of_cart(cart), lambda permission: permission != "carts.view_cart")) == []


class TestThePage:
    def test_of_the_cart_and_of_its_checkout_says_it_where_it_says_how_far_it_came(self, admin_client):
        cart = make_cart()
        checkout = make_checkout(1, cart=cart, status="expired")
        refuse(cart, K.DISCOUNT, "<b>SUMMER")
        refuse(cart, K.STOCK, "MUG-1")
        for html in (page(admin_client, cart), page(admin_client, checkout)):
            assert "What was refused" in html
            assert "code &lt;b&gt;SUMMER: it has ended<br>MUG-1: not enough in stock" in html

    def test_says_nothing_where_nothing_was_refused(self, admin_client):
        assert "What was refused" not in page(admin_client, make_cart())

    def test_costs_as_many_queries_for_many_as_for_one(self, admin_client):
        cart, counts = make_cart(), []
        page(admin_client, cart)
        for subjects in (["A"], "BCDEFGH"):
            for subject in subjects:
                refuse(cart, K.DISCOUNT, subject)
            with CaptureQueriesContext(connection) as queries:
                page(admin_client, cart)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestTheFilter:
    def found(self, client, query: str) -> list[int]:
        answer = client.get(f"{LIST}?{query}")
        assert answer.status_code == 200
        return sorted(cart.pk for cart in answer.context["cl"].result_list)

    @pytest.fixture
    def carts(self) -> list[Cart]:
        """Refused: a code (twice), things in stock, both of it a while ago, nothing."""
        carts = [make_cart(number) for number in range(1, 5)]
        for number, kind, subject in ((0, K.DISCOUNT, "A"), (0, K.DISCOUNT, "B"), (1, K.STOCK, "A")):
            refuse(carts[number], kind, subject)
        for kind in (K.DISCOUNT, K.STOCK):
            refuse(carts[2], kind, at=timezone.now() - timedelta(days=40))
        return carts

    def test_finds_the_carts_of_a_kind_of_the_last_thirty_days_each_once(self, admin_client, carts):
        assert self.found(admin_client, "refused=discount") == [carts[0].pk]
        assert self.found(admin_client, "refused=stock") == [carts[1].pk]
        assert self.found(admin_client, "refused=total") == []
        assert len(self.found(admin_client, "")) == 4

    def test_in_a_time_it_is_the_refusal_of_that_kind_that_was_then(self, admin_client, carts):
        """Not any refusal then of a cart that was refused such a thing at another time."""
        refuse(carts[2], K.TOTAL)
        since = (timezone.now() - timedelta(days=1)).isoformat().replace("+", "%2B")
        assert self.found(admin_client, f"refused=discount&refused_from={since}") == [carts[0].pk]
        assert self.found(admin_client, f"refused=discount&refused_until={since}") == [carts[2].pk]

    def test_another_kind_is_chosen_in_the_same_time_and_all_carts_without_it(self, admin_client, carts):
        html = unescape(admin_client.get(f"{LIST}?refused=stock&refused_from=2026-01-01T00:00:00Z").content.decode())
        assert "refused=discount&refused_from=2026-01-01" in html.replace("%3A", ":")
        assert 'href="?"' in html

    def test_says_of_which_time_it_is(self, admin_client, carts):
        times = "refused_from=2026-01-01T00:00:00Z&refused_until=2026-02-01T00:00:00Z"
        (chosen,) = self.filters(admin_client, f"refused=stock&{times}")
        assert chosen.title == "refused from 1 Jan 2026, 00:00 to 1 Feb 2026, 00:00"
        (lately,) = self.filters(admin_client, "refused=stock")
        assert lately.title == "refused in the last 30 days"

    def filters(self, client, query: str) -> list[RefusedFilter]:
        specs = client.get(f"{LIST}?{query}").context["cl"].filter_specs
        return [spec for spec in specs if isinstance(spec, RefusedFilter)]

    def test_counts_no_further_than_a_large_shop_can_in_a_moment(self, admin_client, carts, monkeypatch):
        refuse(carts[1], K.DISCOUNT)
        monkeypatch.setattr(ShortPaginator, "most", 1)
        assert str(admin_client.get(f"{LIST}?refused=discount").context["cl"].result_count) == "1+"
        assert admin_client.get(LIST).context["cl"].result_count == 4

    def test_shows_of_each_cart_what_was_refused(self, admin_client, carts):
        html = admin_client.get(f"{LIST}?refused=discount").content.decode()
        assert "code A: it has ended<br>code B: it has ended" in html
        assert "it has ended" not in admin_client.get(LIST).content.decode()

    @pytest.mark.parametrize(
        "moment", ["yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00"]
    )
    def test_what_is_no_moment_is_answered_like_any_other_wrong_address(self, admin_client, carts, moment):
        answer = admin_client.get(f"{LIST}?refused=stock&refused_from={moment}")
        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")

    @pytest.mark.parametrize("kind", ["nothing", "%00"])
    def test_nor_is_another_kind_found(self, admin_client, carts, kind):
        answer = admin_client.get(f"{LIST}?refused={kind}")
        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")

    def test_costs_no_more_queries_for_many(self, admin_client, carts):
        counts = []
        self.found(admin_client, "refused=stock")
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                self.found(admin_client, "refused=stock")
            counts.append(len(queries))
            for number in range(10, 20):
                refuse(make_cart(number), K.STOCK)
        assert counts[0] == counts[1]

    def test_is_for_those_who_may_see_carts(self, client, carts):
        client.force_login(staff_with("orders.view_order"))
        assert client.get(f"{LIST}?refused=stock").status_code == 403
