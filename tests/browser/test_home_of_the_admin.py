"""The admin's first page in a real browser: light and dark, on a phone and on a desk, with axe looking on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import counting
from catalog.models import Stock
from checkout_project.schedule import JOBS
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from demo import catalog, history
from outbox.models import JobRun
from tests.analytics.mails import enrol, make_cart, make_step, press, send
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_accessibility import OVERFLOWS, TOO_SMALL
from tests.browser.test_acts_in_the_admin import check, sign_in
from tests.factories import ADDRESS

pytestmark = pytest.mark.once
IN_MAIN = "() => document.querySelector('main').querySelectorAll('details').forEach(each => { each.open = true })"
# A day of a chart is as wide as there is room for it: the table under it opens the same rows (WCAG 2.5.8, equivalent).
TOO_SMALL_IN_MAIN = TOO_SMALL.replace(
    "document.querySelectorAll('a,", "document.querySelector('main').querySelectorAll('a:not(.home-columns a),"
)


@pytest.fixture
def a_shop_with_a_past(transactional_db) -> None:
    """The demo shop's ninety days, and mails that brought some carts back."""
    catalog.load()
    history.load()
    step = make_step()
    for number in range(12):
        at = timezone.now() - timedelta(days=number, hours=2)
        cart = make_cart(at, bought_at=at + timedelta(hours=1), status="recovered", abandoned_amount=4000)
        enrol(cart, step)
        message = send(cart, step, at)
        if number % 2:
            press(message, at + timedelta(minutes=5))
        for address in ({}, {}, ADDRESS):
            Checkout.objects.create(
                cart=cart, status=CheckoutStatus.EXPIRED, shipping_address=address, created_at=at, expires_at=at
            )
    JobRun.objects.bulk_create(JobRun(name=job.task, succeeded_at=timezone.now()) for job in JOBS.values())
    Stock.objects.filter(pk=Stock.objects.order_by("pk").values("pk")[:1]).update(on_hand=2, reserved=0)
    counting.count_closed_days()


def test_the_home_page_breaks_no_rule_of_accessibility(open_page, a_shop_with_a_past):
    """In one shop: its past takes longer to make than to be looked at."""
    for size, dark in ((PHONE, True), (DESKTOP, False)):
        with open_page(size, dark=dark) as page:
            _look_at_home(page, f"{size}, {'dark' if dark else 'light'}")


def _look_at_home(page, look: str) -> None:
    sign_in(page)
    check(page, "main", f"home, {look}")
    page.evaluate(IN_MAIN)
    check(page, "main", f"home with everything open, {look}")
    assert page.evaluate(TOO_SMALL_IN_MAIN) == [], look
    assert not page.evaluate(OVERFLOWS), look
    page.goto("/admin/?days=moon")
    page.get_by_role("alert").get_by_text("Shown are 30 days.").wait_for()
    check(page, "main", f"home with a complaint, {look}")
    page.get_by_role("link", name="7 days").click()
    page.locator("[aria-current=page]", has_text="7 days").wait_for()


def test_a_day_of_a_chart_is_opened_by_keyboard_and_all_of_them_can_be_passed_over(open_page, a_shop_with_a_past):
    with open_page(DESKTOP) as page:
        sign_in(page)
        past = page.get_by_role("link", name="Past the days of this chart").first
        past.focus()
        assert past.bounding_box()["height"] >= 24
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "As a table: Revenue by day, USD"
        past.focus()
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.getAttribute('aria-label')")
        chart = page.get_by_role("group", name="in 30 days, at most")
        chart.get_by_role("link", name=name, exact=True).wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders/order/?accepted_at__gte=**")
        page.get_by_text("What was paid for them and stays").get_by_text(name.partition(": ")[2]).wait_for()


def test_what_the_mails_bring_fits_a_phone(open_page, a_shop_with_a_past):
    with open_page(PHONE) as page:
        sign_in(page)
        page.goto("/admin/recovery/message/figures/")
        check(page, "#content", "what they bring")
        assert not page.evaluate(OVERFLOWS)
