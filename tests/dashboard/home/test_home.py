"""The admin's first page: for each role, whichever days, and every figure opens the rows it counts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from analytics import counting, definitions, figures
from carts.models import Cart, Door, Refusal
from carts.states import CartStatus
from catalog.models import Stock
from checkouts.models import Checkout
from outbox.models import OutboxEvent
from payments import needs as of_money
from payments.models import GatewayEvent, Payment
from tests.admin_rows import fill, refuse, staff_with
from tests.admin_rows import make_cart as a_cart
from tests.analytics.mails import DAY, HOUR, accept_order, ask_back, buy, enrol, make_cart, make_step, press, send
from tests.factories import make_variant

pytestmark = pytest.mark.django_db
HOME = "/admin/"


@pytest.fixture
def history() -> None:
    """Sales in two currencies with money back, carts left and won back, mails and a control group, over weeks."""
    step, now = make_step(), timezone.now()
    for number in range(8):
        at = now - (5 * number + 1) * DAY
        cart = make_cart(at, currency="USD" if number % 3 else "EUR", abandoned_amount=1000 + number)
        enrol(cart, step, is_held_out=number % 4 == 3, drawn_percent=25, compared_at=at)
        if number % 4 != 3:
            message = send(cart, step, at)
            if number % 2:
                press(message, at + HOUR)
        if number % 3 < 2:
            order = buy(cart, at + 2 * HOUR, amount=5000 + number)
            if number % 2:
                ask_back(order.payments.get(), 700)
        Checkout.objects.create(cart=cart, status="expired", created_at=at, expires_at=at)


def shown(client, **query: str):
    answer = client.get(HOME, query)
    assert answer.status_code == 200
    return answer


def cards(answer) -> dict[str, list]:
    return {card.title: card.lines for card in answer.context["cards"]}


# --- figures --------------------------------------------------------------------------------------
class TestEveryFigure:
    @pytest.mark.parametrize("days", ["1", "7", "30", "90"])
    @pytest.mark.parametrize("is_kept", [False, True], ids=["counted", "kept"])
    def test_opens_a_list_of_exactly_so_many_rows(self, admin_client, history, days, is_kept):
        if is_kept:
            counting.count_closed_days()
        lines = [line for own in cards(shown(admin_client, days=days)).values() for line in own if line.address]
        counts = [line for line in lines if line.value.isdigit()]
        assert len(counts) >= 11
        for line in counts:
            assert admin_client.get(line.address).context["cl"].result_count == int(line.value), line
        assert days == "1" or any(int(line.value) for line in counts)

    @pytest.mark.parametrize("title", ["Revenue", "Abandoned", "Recovered"])
    def test_that_is_an_amount_is_the_sum_said_above_its_list(self, admin_client, history, title):
        amounts = [line for line in cards(shown(admin_client, days="90"))[title] if not line.label]
        assert {line.value[0] for line in amounts} == {"$", "€"}
        for line in amounts:
            html = admin_client.get(line.address).content.decode()
            assert f"<strong>{line.value}</strong>" in html, line

    @pytest.mark.parametrize("title", ["Recovered directly", "Recovered, assisted"])
    def test_that_is_paid_for_carts_of_mails_is_the_sum_said_above_their_list(self, admin_client, history, title):
        amounts = [line for line in cards(shown(admin_client, days="90"))[title] if line.label == "Paid"]
        assert amounts
        html = admin_client.get(amounts[0].address).content.decode()
        assert "What was paid for their carts and stays" in html
        said = re.search(r"stays: <strong>(.*)</strong>", html)
        assert said is not None
        assert said[1].split(", ") == [line.value for line in amounts]
        assert "What became of the mails" in html

    def test_is_no_sum_above_mails_that_no_cart_is_put_down_to(self, admin_client, history):
        """One cart has several of them: it would be added up more than once, or be nobody's."""
        for came in ("", "clicked", "moon"):
            html = admin_client.get(reverse("admin:recovery_message_changelist"), {"came": came}).content.decode()
            assert "What was paid" not in html, came

    def test_of_mails_is_not_added_up_where_there_are_too_many(self, admin_client, history, monkeypatch):
        line = cards(shown(admin_client, days="90"))["Recovered directly"][0]
        monkeypatch.setattr("common.admin.COUNT_CAP", int(line.value) - 1)
        assert "What was paid" not in admin_client.get(line.address).content.decode()

    def test_is_the_same_whether_it_was_kept_or_is_counted_now(self, admin_client, history):
        before = cards(shown(admin_client, days="90"))
        counting.count_closed_days()
        assert cards(shown(admin_client, days="90"))["Revenue"] == before["Revenue"]
        assert [line.value for line in cards(shown(admin_client, days="90"))["Conversion"]] == [
            line.value for line in before["Conversion"]
        ]

    def test_stands_beside_its_definition(self, admin_client, history):
        html = unescape(shown(admin_client).content.decode())
        for words in (
            *(definitions.REVENUE, definitions.ORDERS, definitions.CONVERSION, definitions.ABANDONED),
            *(definitions.RECOVERED, definitions.DIRECT, definitions.ASSISTED, definitions.EXTRA),
        ):
            assert words in html

    def test_tells_how_it_was_before(self, admin_client):
        today = timezone.now()
        accept_order("ada@example.com", today, amount=3000)
        accept_order("ben@example.com", today - DAY, amount=2000)
        (line,) = cards(shown(admin_client, days="1"))["Revenue"]
        assert (line.value, line.change) == ("$30.00", "+50% (before: $20.00)")
        (line,) = cards(shown(admin_client, days="30"))["Orders"]
        assert (line.value, line.change) == ("2", "none before")

    def test_of_money_never_adds_currencies(self, admin_client):
        accept_order("ada@example.com", timezone.now(), amount=3000)
        accept_order("ben@example.com", timezone.now(), amount=2000, currency="EUR")
        assert [line.value for line in cards(shown(admin_client))["Revenue"]] == ["€20.00", "$30.00"]
        titles = [chart.title for chart in shown(admin_client).context["charts"]]
        assert titles[:2] == ["Revenue by day, EUR", "Revenue by day, USD"]

    def test_of_what_mails_added_says_honestly_that_it_is_not_known(self, admin_client, history):
        answer = shown(admin_client, days="90")
        assert cards(answer)["Added by the mails"][0].value == "Not yet known"
        assert "Not yet known: too few people." in answer.content.decode()

    def test_of_what_mails_added_has_its_interval(self, admin_client):
        step, at = make_step(), timezone.now() - 20 * DAY
        for number in range(240):
            cart = make_cart(at)
            enrol(cart, step, is_held_out=number % 2 == 0, drawn_percent=50, compared_at=at)
            if number % 2 or number % 40 == 0:
                Cart.objects.filter(pk=cart.pk).update(bought_at=at + HOUR)
        line = cards(shown(admin_client, days="30"))["Added by the mails"][0]
        assert re.fullmatch(r"\+[\d.]+ purchases \(95 %: \+[\d.]+ to \+[\d.]+\)", line.value)


def test_a_days_bound_is_the_shops_own(admin_client, settings, time_machine):
    settings.TIME_ZONE = "America/New_York"
    time_machine.move_to("2026-03-09T03:30:00+00:00", tick=False)  # 23:30 of the 8th there, a day of 23 hours
    accept_order("ada@example.com", timezone.now())
    accept_order("ben@example.com", timezone.now() - timedelta(hours=22, minutes=30))
    accept_order("kim@example.com", timezone.now() - timedelta(hours=22, minutes=31))
    answer = shown(admin_client, days="1")
    assert str(answer.context["days"].period.first) == "2026-03-08"
    (line,) = cards(answer)["Orders"]
    assert line.value == "2"
    assert admin_client.get(line.address).context["cl"].result_count == 2


def test_an_empty_shop_has_a_home_too(admin_client):
    counting.count_closed_days()
    answer = shown(admin_client)
    assert [line.value for line in cards(answer)["Orders"]] == ["0"]
    assert "nan" not in answer.content.decode().lower().replace("finance", "")


def test_charts_are_drawn_by_the_server_and_told_as_tables(admin_client, history):
    html = shown(admin_client, days="90").content.decode()
    charts = html.split("<figure")[1:]
    assert len(charts) == 5  # two currencies
    for chart in charts:
        assert "<svg" in chart
        assert 'aria-label="' in chart
        assert "<details" in chart
        assert "<table" in chart
    assert "https://" not in html.split("<main")[1].split("</main>")[0]


class TestEachDayOfAChart:
    def test_opens_exactly_the_rows_it_counts(self, admin_client, history):
        by_title = {chart.title: chart for chart in shown(admin_client, days="90").context["charts"]}
        for title, counted in (("Revenue by day, USD", 2), ("Carts abandoned by day", 1)):
            lines = re.findall(r"<tr.*?</tr>", str(by_title[title].table), re.DOTALL)[1:]
            opened = [cells for line in lines if len(cells := re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)<', line)) > 0]
            assert len(opened) == len(by_title[title].columns) >= 2
            for column, cells in zip(by_title[title].columns, opened, strict=True):
                address, count = cells[counted - 1]
                assert unescape(address) == column.address
                assert admin_client.get(column.address).context["cl"].result_count == int(count)

    def test_of_revenue_is_the_sum_said_above_its_list(self, admin_client, history):
        (chart,) = [
            each for each in shown(admin_client, days="90").context["charts"] if each.title == "Revenue by day, EUR"
        ]
        for column in chart.columns:
            amount = column.said.partition(": ")[2]
            assert f"<strong>{amount}</strong>" in admin_client.get(column.address).content.decode()

    def test_of_revenue_opens_the_orders_of_its_currency_alone(self, admin_client):
        for currency in ("USD", "EUR"):
            accept_order(f"{currency}@example.com", timezone.now(), amount=3000, currency=currency)
        for chart in shown(admin_client, days="7").context["charts"][:2]:
            (column,) = chart.columns
            (order,) = admin_client.get(column.address).context["cl"].result_list
            assert order.currency == chart.title[-3:]

    def test_tells_the_recovered_of_it_by_a_list_of_their_own(self, admin_client, history):
        chart = next(each for each in shown(admin_client, days="90").context["charts"] if "abandoned" in each.title)
        found = re.findall(r'<a href="([^"]+recovered[^"]*)"[^>]*>(\d+)<', str(chart.table))
        assert found
        for address, count in found:
            assert admin_client.get(unescape(address)).context["cl"].result_count == int(count)

    def test_is_a_link_with_a_name_of_its_own(self, admin_client, history):
        html = shown(admin_client, days="90").content.decode()
        charts = re.findall(r'<svg class="home-columns".*?</svg>', html, re.DOTALL)
        assert len(charts) == 3
        for chart in charts:
            assert 'role="img"' not in chart  # what is inside one is not read out
            names = re.findall(r'<a href="[^"]+" aria-label="([^"]+)">', chart)
            assert names
            assert len(set(names)) == len(names)

    def test_of_which_there_is_nothing_is_no_link(self, admin_client):
        accept_order("ada@example.com", timezone.now(), amount=3000)
        (chart, *_) = shown(admin_client, days="7").context["charts"]
        assert len(chart.columns) == 1
        assert str(chart.table).count("<a ") == 2

    def test_that_was_all_paid_back_opens_its_orders_all_the_same(self, admin_client):
        ask_back(accept_order("ada@example.com", timezone.now(), amount=3000).payments.get(), 3000)
        (chart, *_) = shown(admin_client, days="7").context["charts"]
        (column,) = chart.columns
        assert (column.bars, column.said.partition(": ")[2]) == ([], "$0.00")
        assert admin_client.get(column.address).context["cl"].result_count == 1

    def test_whose_carts_are_removed_says_why_it_cannot_be_opened(self, admin_client, settings):
        settings.PERSONAL_DATA_RETENTION_DAYS = 5
        for days in (2, 20):
            make_cart(timezone.now() - days * DAY, abandoned_amount=1000)
        chart = next(each for each in shown(admin_client).context["charts"] if "abandoned" in each.title)
        assert [bool(column.address) for column in chart.columns] == [False, True]
        assert "cannot be opened: carts are removed" in chart.note
        chart = next(each for each in shown(admin_client, days="1").context["charts"] if "abandoned" in each.title)
        assert chart.note == ""


def test_each_bar_of_the_funnel_opens_the_checkouts_that_came_so_far(admin_client, history):
    chart = next(each for each in shown(admin_client, days="90").context["charts"] if "checkouts" in each.title)
    assert [row.address != "" for row in chart.rows] == [row.figure != "0" for row in chart.rows]
    for row in chart.rows:
        if row.address:
            assert admin_client.get(row.address).context["cl"].result_count == int(row.figure)


# --- which days -----------------------------------------------------------------------------------
class TestDays:
    def test_are_thirty_unless_said_otherwise(self, admin_client):
        days = shown(admin_client).context["days"]
        assert (days.period.last, (days.period.last - days.period.first).days) == (figures.today(), 29)

    def test_may_be_a_range_of_ones_own(self, admin_client):
        days = shown(admin_client, first="2026-01-05", last="2026-01-07").context["days"]
        assert (str(days.period.first), str(days.period.last), days.complaint) == ("2026-01-05", "2026-01-07", "")

    @pytest.mark.parametrize(
        ("query", "complaint"),
        [
            ({"days": "abc"}, "Days are 1, 7, 30, 90"),
            ({"days": "31"}, "Days are 1, 7, 30, 90"),
            ({"days": "9" * 400}, "Days are 1, 7, 30, 90"),
            ({"days": "\x00"}, "Days are 1, 7, 30, 90"),
            ({"first": "2026-02-02", "last": "2026-02-01"}, "must not be after"),
            ({"first": "2020-01-01", "last": "2026-02-01"}, "At most 366 days"),
            ({"first": "yesterday"}, "Enter a valid date"),
            ({"last": "2026-13-01"}, "Enter a valid date"),
            ({"first": "0001-01-01", "last": "0001-01-02"}, "must not be after"),
            ({"first": "9999-12-30", "last": "9999-12-31"}, "must not be after"),
        ],
    )
    def test_that_make_no_sense_are_refused_with_a_sentence(self, admin_client, query, complaint):
        html = shown(admin_client, **query).content.decode()
        assert complaint in html
        assert "Shown are 30 days." in html

    def test_of_which_only_the_last_is_said_are_one_day(self, admin_client):
        period = shown(admin_client, last="2026-02-01").context["days"].period
        assert (str(period.first), str(period.last)) == ("2026-02-01", "2026-02-01")


# --- who sees what --------------------------------------------------------------------------------
SALES = ["Revenue", "Orders", "Conversion", "Abandoned", "Recovered", "Recovered directly", "Recovered, assisted"]


ONCE = (pytest.param(role, marks=pytest.mark.once) for role in ("manager", "support", "analyst"))  # the same rows


@pytest.mark.parametrize("role", ["owner", *ONCE])
def test_each_role_sees_figures_and_every_link_of_them_opens(client, member, history, role):
    fill(1, 1)
    client.force_login(member(role))
    answer = shown(client, days="90")
    assert list(cards(answer)) == [*SALES, "Added by the mails"]
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    addresses = {unescape(address) for address in re.findall(r'href="(/admin/[^"]+)"', main)}
    assert len(addresses) > 20
    for address in addresses:
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize(
    ("permission", "seen"),
    [
        ("orders.view_order", ["Revenue", "Orders"]),
        ("checkouts.view_checkout", ["Conversion"]),
        ("carts.view_cart", ["Abandoned", "Recovered"]),
        ("recovery.view_message", ["Recovered directly", "Recovered, assisted"]),
        ("recovery.view_enrolment", ["Added by the mails"]),
        ("catalog.view_product", []),
    ],
)
def test_a_figure_is_shown_to_who_may_open_its_rows_and_to_nobody_else(client, history, permission, seen):
    client.force_login(staff_with(permission))
    assert list(cards(shown(client))) == seen


def test_who_is_not_staff_sees_nothing(client):
    assert client.get(HOME).status_code == 302
    assert client.post(HOME).status_code == 302


# --- what needs the merchant ----------------------------------------------------------------------
class TestNeeds:
    @pytest.fixture
    def trouble(self) -> None:
        fill(9000, 2)  # accept_order counts from one on
        long_ago = timezone.now() - DAY
        first, second = Payment.objects.order_by("pk")
        Payment.objects.filter(pk=first.pk).update(
            status="review", surplus_amount=first.captured_amount, updated_at=long_ago
        )
        Payment.objects.filter(pk=second.pk).update(status="processing", created_at=long_ago)
        GatewayEvent.objects.update(status="waiting", received_at=long_ago)
        Stock.objects.update(on_hand=3)
        OutboxEvent.objects.update(available_at=long_ago)
        OutboxEvent.objects.filter(key="event:9000").update(failed_at=long_ago)
        accept_order("ada@example.com", long_ago - HOUR)
        accept_order("ben@example.com", long_ago + HOUR)  # not late yet
        accept_order("kim@example.com", long_ago - HOUR, shipped_at=long_ago)

    def test_are_counted_and_each_leads_to_exactly_these_rows(self, admin_client, trouble):
        needs = {need.title: need for need in shown(admin_client).context["needs"]}
        assert {
            *("Payments in review", "Payments in doubt", "Money that did not go back"),
            "Differences to a gateway's books",
            *("Orders not sent within a day", "Webhooks not worked on", "Nearly sold out"),
            "Background work that failed",
            *("Background work that is late", "Jobs that are overdue"),
        } == set(needs)
        for need in needs.values():
            if "changelist" not in resolve(urlsplit(need.address).path).url_name:
                assert f"{need.title}: {need.count}" in admin_client.get(need.address).content.decode()
            elif need.title != "Jobs that are overdue":
                assert admin_client.get(need.address).context["cl"].result_count == need.count, need

    def test_that_are_orders_to_be_sent_are_the_late_ones_alone(self, admin_client):
        now = timezone.now()
        accept_order("ada@example.com", now - DAY + HOUR)
        titles = [need.title for need in shown(admin_client).context["needs"]]
        assert "Orders not sent within a day" not in titles
        accept_order("ben@example.com", now - DAY - HOUR)
        (need,) = [need for need in shown(admin_client).context["needs"] if "not sent" in need.title]
        assert "Mark as sent above the list" in need.advice
        assert [order.email for order in admin_client.get(need.address).context["cl"].result_list] == [
            "ben@example.com"
        ]

    def test_are_none_where_nothing_is_wrong(self, admin_client):
        make_variant(on_hand=4)
        titles = [need.title for need in shown(admin_client).context["needs"]]
        assert titles == ["Jobs that are overdue"]  # no worker has run in a test

    def test_are_told_to_who_may_open_their_lists_only(self, client, trouble):
        client.force_login(staff_with("catalog.view_variant", "catalog.change_stock"))
        assert [need.title for need in shown(client).context["needs"]] == ["Nearly sold out"]

    def test_of_money_are_as_many_as_the_menu_says(self, admin_client, trouble):
        answer = shown(admin_client)
        titles = {kind.title for kind in of_money.KINDS}
        found = [need for need in answer.context["needs"] if need.title in titles]
        assert of_money.how_many(lambda _: True) == sum(need.count for need in found) > 1
        page = admin_client.get(reverse("admin:payments_needs_you")).content.decode()
        assert [need for need in found if f"{need.title}: {need.count}" not in unescape(page)] == []

    @pytest.mark.parametrize("role", ["owner", "manager", "support", "analyst"])
    def test_are_told_apart_from_what_others_can_see_to(self, client, member, trouble, role):
        client.force_login(member(role))
        answer = shown(client)
        theirs, others = answer.context["needs"], answer.context["others"]
        assert "Somebody who may" not in " ".join(need.advice for need in theirs)
        assert all(re.search("Somebody who may .* can see to it", need.advice) for need in others)
        assert {need.title for need in theirs} >= {"owner": {"Payments in review", "Nearly sold out"}}.get(role, set())
        if role == "support":
            assert [need.title for need in theirs] == ["Orders not sent within a day"]
        if role == "analyst":
            assert theirs == []
            assert "Needs you" not in answer.content.decode()
            assert "Waits for others" in answer.content.decode()


# --- cost -----------------------------------------------------------------------------------------
def _queries(client, **query: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        shown(client, **query)
    return len(caught)


def test_many_rows_cost_as_many_queries_as_few(admin_client, history):
    counting.count_closed_days()
    shown(admin_client)
    few = _queries(admin_client, days="90")
    step = make_step()
    for number in range(20):
        at = timezone.now() - (number + 1) * DAY
        cart = make_cart(at, currency="EUR", door=Door.TRACKER, status=CartStatus.ABANDONED)
        press(send(cart, step, at), at)
        buy(cart, at)
    counting.count_closed_days()
    assert _queries(admin_client, days="90") <= few
    assert few < 60


class TestWhatWasRefused:
    def test_says_how_many_carts_and_leads_to_those_not_bought(self, admin_client):
        for number, status in enumerate((CartStatus.ABANDONED, CartStatus.RECOVERED, CartStatus.ACTIVE)):
            refuse(a_cart(number, status=status), Refusal.Kind.STOCK)
        refuse(a_cart(9), Refusal.Kind.DISCOUNT, at=timezone.now() - 40 * DAY)
        table = _refused_table(shown(admin_client))
        assert re.findall(r">([^<>]+)</(?:td|a)>", table) == ["Not in stock, or not for sale", "3", "Not bought so far"]

    def test_opens_exactly_those(self, admin_client):
        cart = a_cart(1)
        refuse(cart, Refusal.Kind.SHIPPING, "NO")
        refuse(a_cart(2), Refusal.Kind.SHIPPING, "NO", at=timezone.now() - 40 * DAY)
        addresses = re.findall(r'href="([^"]+)"', _refused_table(shown(admin_client)))
        assert len(addresses) == 2
        for address in addresses:
            assert list(admin_client.get(unescape(address)).context["cl"].result_list) == [cart]

    def test_says_so_where_there_is_nothing(self, admin_client):
        assert "Nothing in these days." in _refused_table(shown(admin_client))
        assert definitions.REFUSED in unescape(_refused_table(shown(admin_client)))

    def test_is_for_those_who_may_see_carts(self, client):
        client.force_login(staff_with("orders.view_order"))
        assert "What shoppers were refused" not in shown(client).content.decode()
        client.force_login(staff_with("carts.view_cart"))
        assert "What shoppers were refused" in shown(client).content.decode()


def _refused_table(answer) -> str:
    return answer.content.decode().split('aria-labelledby="home-refused"')[1].split("</section>")[0]


def test_the_list_of_all_pages_stays_in_reach(admin_client):
    main = shown(admin_client).content.decode().split("<main")[1]
    assert f'href="{reverse("admin:orders_order_changelist")}"' in main
