"""A day's parcels in a real browser: scanned, pasted, by keyboard and on a phone, with axe looking on."""

from __future__ import annotations

import pytest

from orders.models import Order
from payments import services as payments
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.sight import OVERFLOWS
from tests.browser.test_acts_in_the_admin import check, sign_in
from tests.payments.builders import make_order

pytestmark = pytest.mark.once

PASTE = """(input, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  input.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def orders(shop) -> list[Order]:
    return [payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order for _ in range(3)]


def asked(page, orders: list[Order]) -> list:
    """The fields for the numbers, on the page that asks."""
    page.goto("/admin/orders/order/")
    for order in orders:
        page.locator(f"input[name=_selected_action][value='{order.pk}']").check()
    page.select_option("select[name=action]", "send_selected")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Mark as sent").wait_for()
    return [page.get_by_label(f"Tracking number of {order.number}") for order in orders]


def has_focus(field) -> bool:
    return field.evaluate("field => field === document.activeElement")


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone, dark", "desktop"])
def test_numbers_are_scanned_one_after_the_other_and_sent_with_one_press(open_page, orders, size, dark):
    with open_page(size, dark=dark) as page:
        sign_in(page)
        fields = asked(page, orders)
        check(page, "form:has(.parcels)", "asking")
        assert not page.evaluate(OVERFLOWS)
        page.get_by_label("Carrier").fill("DHL")
        page.keyboard.press("Enter")
        fields[0].focus()
        for number, following in zip(("JD1", "JD2"), fields[1:], strict=True):
            page.keyboard.type(number)
            page.keyboard.press("Enter")
            assert has_focus(following)
        page.keyboard.type("JD3")
        page.keyboard.press("Enter")
        assert not Order.objects.filter(shipped_at__isnull=False).exists()
        page.get_by_role("button", name="Mark as sent").click()
        page.get_by_text("3 orders sent.").wait_for()
    assert list(Order.objects.order_by("pk").values_list("carrier", "tracking_number")) == [
        ("DHL", "JD1"),
        ("DHL", "JD2"),
        ("DHL", "JD3"),
    ]


def test_a_refusal_keeps_what_was_typed(open_page, orders):
    with open_page(PHONE) as page:
        sign_in(page)
        fields = asked(page, orders)
        fields[0].fill("4242424242424242")
        fields[1].fill("JD2")
        fields[2].focus()
        page.keyboard.type("x" * 101)
        page.get_by_role("button", name="Mark as sent").click()
        page.get_by_role("alert").get_by_text("Nothing is sent yet").wait_for()
        check(page, "form:has(.parcels)", "refused")
        assert not page.evaluate(OVERFLOWS)
        assert [field.input_value() for field in fields] == ["4242424242424242", "JD2", "x" * 101]


def test_a_column_of_a_sheet_fills_the_rows_from_there_on(open_page, orders):
    with open_page(DESKTOP) as page:
        sign_in(page)
        fields = asked(page, orders)
        fields[1].evaluate(PASTE, "JD2\r\n JD3 \r\n")
        assert [field.input_value() for field in fields] == ["", "JD2", "JD3"]
        assert has_focus(fields[2])


@pytest.mark.parametrize(("copied", "numbers"), [("JD1\r\nJD2\r\n", 2), ("JD1\nJD2\nJD3\nJD4", 4)])
def test_a_column_of_another_length_fills_nothing_and_says_so(open_page, orders, copied, numbers):
    with open_page(DESKTOP) as page:
        sign_in(page)
        fields = asked(page, orders)
        fields[0].evaluate(PASTE, copied)
        said = f"{numbers} numbers were copied, and there are 3 fields from here on: nothing was filled in."
        page.get_by_role("alert").get_by_text(said).wait_for()
        assert [field.input_value() for field in fields] == ["", "", ""]
        check(page, "form:has(.parcels)", "column refused")
        fields[0].evaluate(PASTE, "JD1\nJD2\nJD3")
        assert page.get_by_text("nothing was filled in").count() == 0


def test_without_scripts_a_scanners_enter_sends_nothing(open_page, orders):
    with open_page(DESKTOP, javascript=False) as page:
        sign_in(page)
        fields = asked(page, orders)
        fields[0].fill("JD1")
        fields[0].press("Enter")
        assert fields[0].input_value() == "JD1"
        assert not Order.objects.filter(shipped_at__isnull=False).exists()
        page.get_by_role("button", name="Mark as sent").click()
        page.get_by_text("3 orders sent.").wait_for()
