"""Staff at an order's page in a real browser: by keyboard, on a phone, in the dark, and with axe looking on."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from accounts.models import User
from orders import fulfilment
from payments import services as payments
from payments.models import Refund
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_accessibility import OVERFLOWS
from tests.dashboard.pressed import address_of
from tests.payments.builders import make_order

pytestmark = pytest.mark.once

IS_WHOLE = """title => [title, ...title.querySelectorAll("*")]
  .every((part) => part.scrollWidth <= Math.ceil(part.getBoundingClientRect().width))"""


def sign_in(page) -> None:
    if not User.objects.filter(username="merchant").exists():
        User.objects.create_superuser("merchant", password="a long pass phrase")
    page.goto("/admin/")
    page.fill("[name=username]", "merchant")
    page.fill("[name=password]", "a long pass phrase")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state("load")


def check(page, part: str, name: str) -> None:
    results = Axe().run(page, context=part)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone, dark", "desktop"])
def test_an_order_is_paid_back_in_part_and_its_timeline_says_so(open_page, shop, size, dark):
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    with open_page(size, dark=dark) as page:
        sign_in(page)
        page.goto(address_of(order))
        check(page, "#timeline", "timeline")
        if size == PHONE:
            page.get_by_role("button", name="Actions").click()
        page.get_by_role("link", name="Refund", exact=True).click()
        dialog = page.get_by_role("dialog", name="Refund")
        dialog.wait_for()
        page.wait_for_function("document.activeElement.name == 'amount'")
        check(page, "#dialog", "refund")
        page.keyboard.type("10")
        page.keyboard.press("Enter")
        dialog.get_by_text("This field is required.").wait_for()
        check(page, "#dialog", "refund with an error")
        page.get_by_label("Reason").fill("Too small")
        dialog.get_by_role("button", name="Refund").click()
        page.get_by_text("$10.00 went back.").wait_for()
        assert "Refund of $10.00: Too small." in page.locator("#timeline").inner_text()
        check(page, "#timeline", "timeline with a refund")


def opened(page, size, act: str):
    """The act's dialog."""
    if size == PHONE:
        page.get_by_role("button", name="Actions").click()
    page.get_by_role("link", name=act, exact=True).click()
    dialog = page.get_by_role("dialog", name=act)
    dialog.wait_for()
    return dialog


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone, dark", "desktop"])
def test_a_refusal_leaves_the_dialog_open_with_what_was_typed(open_page, shop, size, dark):
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    with open_page(size, dark=dark) as page:
        sign_in(page)
        page.goto(address_of(order))
        dialog = opened(page, size, "Refund")
        page.get_by_label("Amount").fill("100")
        page.get_by_label("Reason").fill("Too small")
        dialog.get_by_role("button", name="Refund").click()
        dialog.get_by_text("At most $55.97 can be refunded.").wait_for()
        assert page.get_by_label("Amount").input_value() == "100"
        assert page.get_by_label("Reason").input_value() == "Too small"
        page.wait_for_function("document.activeElement.name == 'amount'")
        assert not page.evaluate(OVERFLOWS)
        check(page, "#dialog", "refund, refused")
        page.get_by_label("Amount").fill("10")
        page.keyboard.press("Enter")
        page.get_by_text("$10.00 went back.").wait_for()


@pytest.mark.parametrize("typed", ["8-6", "abc", "1,5"])
def test_an_amount_that_is_none_is_refused_as_it_was_typed_and_nothing_goes_back(open_page, shop, typed):
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    with open_page(DESKTOP) as page:
        sign_in(page)
        page.goto(address_of(order))
        dialog = opened(page, DESKTOP, "Refund")
        page.wait_for_function("document.activeElement.name == 'amount'")
        page.keyboard.type(typed)
        page.get_by_label("Reason").fill("Too small")
        dialog.get_by_role("button", name="Refund").click()
        dialog.get_by_text("Enter a number.").wait_for()
        assert page.get_by_label("Amount").input_value() == typed
        assert not Refund.objects.exists()


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone, dark", "desktop"])
def test_a_refusal_of_the_whole_is_said_above_what_was_typed(open_page, shop, size, dark):
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    with open_page(size, dark=dark) as page:
        sign_in(page)
        page.goto(address_of(order))
        dialog = opened(page, size, "Edit shipping address")
        page.get_by_label("Name").fill("Jane Doe")
        fulfilment.ship(order.pk, carrier="DHL", tracking_number="1")
        dialog.get_by_role("button", name="Edit shipping address").click()
        dialog.get_by_role("alert").get_by_text("This order is on its way already.").wait_for()
        assert page.get_by_label("Name").input_value() == "Jane Doe"
        page.wait_for_function("document.querySelector('#dialog').contains(document.activeElement)")
        check(page, "#dialog", "address, refused")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, (1440, 900)], ids=["desktop", "phone", "wide"])
def test_an_orders_title_is_whole_however_many_acts_there_are(open_page, shop, size, dark):
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    with open_page(size, dark=dark) as page:
        sign_in(page)
        page.goto(address_of(order))
        title = page.locator("#header-inner h1")
        assert title.evaluate(IS_WHOLE), title.inner_text()
        assert order.number in title.inner_text()
        if size == PHONE:
            page.get_by_role("button", name="Actions").click()
        for act in page.locator("#header-inner ul > li").all():
            box = act.bounding_box()
            assert box["x"] >= 0, act.inner_text()
            assert box["x"] + box["width"] <= size[0], act.inner_text()
        assert not page.evaluate(OVERFLOWS)


def test_a_long_dialog_fits_a_phone_and_a_draft_has_no_fault(open_page, shop):
    order = make_order()
    with open_page(PHONE) as page:
        sign_in(page)
        page.goto(address_of(order))
        page.get_by_role("button", name="Actions").click()
        page.get_by_role("link", name="Edit shipping address").click()
        page.get_by_role("dialog").wait_for()
        check(page, "#dialog", "address")
        page.get_by_role("dialog").get_by_role("button", name="Edit shipping address").click()
        page.get_by_text("That was done already: nothing has changed.").wait_for()
        page.goto("/admin/carts/cart/draft/")
        check(page, "#content-main, form.max-w-3xl", "draft")


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone, dark", "desktop"])
def test_every_mail_is_looked_at_on_one_page(open_page, shop, size, dark):
    with open_page(size, dark=dark, expected=("sandboxed",)) as page:
        sign_in(page)
        page.goto(reverse("admin:dashboard_mails"))
        page.select_option("[name=kind]", label="Money went back")
        page.select_option("[name=language]", "de")
        page.get_by_role("button", name="Show").click()
        shown = page.frame_locator("iframe[title='The mail as HTML']")
        shown.get_by_role("heading", level=1).wait_for()
        check(page, "form:has([name=kind])", "the choice")
        assert not page.evaluate(OVERFLOWS)
