"""Staff at the lists in a real browser: a filter is saved, rows are ticked and acted on; the second step is
switched on. With axe looking on."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_step
from accounts.models import User
from carts.models import Cart
from carts.states import CartStatus
from checkout_project.schedule import JOBS
from orders.models import Order
from outbox.models import JobRun
from payments import services as payments
from tests.accounts.codes import code_now
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.sight import OVERFLOWS
from tests.browser.test_acts_in_the_admin import IS_WHOLE, check, sign_in
from tests.payments.builders import make_order
from tests.recovery.carts import make_abandoned

pytestmark = pytest.mark.once


def test_a_list_is_narrowed_saved_ticked_and_acted_on(open_page, shop):
    cart = make_abandoned()
    with open_page(DESKTOP) as page:
        sign_in(page)
        page.goto("/admin/carts/cart/?status__exact=abandoned")
        page.get_by_text("Save this list").click()
        page.get_by_label("Name", exact=True).fill("Left")
        check(page, "section[aria-label='Saved filters']", "saved filters")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("link", name="Left", exact=True).wait_for()
        page.locator(f"input[name=_selected_action][value='{cart.pk}']").check()
        page.select_option("select[name=action]", "expire_selected")
        page.get_by_role("button", name="Run").click()
        page.get_by_role("button", name="Expire").wait_for()
        check(page, "form.max-w-3xl", "confirming")
        page.get_by_role("button", name="Expire").click()
        page.get_by_text("1 cart given up.").wait_for()
        assert "status__exact=abandoned" in page.url
    assert Cart.objects.get().status == CartStatus.EXPIRED


def test_the_second_step_is_switched_on_and_asked_for(open_page, shop):
    with open_page(PHONE) as page:
        sign_in(page)
        page.goto("/admin/accounts/user/own-second-step/")
        page.get_by_role("button", name="Begin").click()
        page.get_by_role("img", name="QR code of the secret below").wait_for()
        check(page, "#main, div.max-w-3xl", "second step")
        merchant = User.objects.get(username="merchant")
        page.get_by_role("textbox", name="Code").fill(code_now(merchant))
        page.get_by_role("button", name="Switch it on").click()
        page.locator(".recovery-code").first.wait_for()
        check(page, "div.max-w-3xl", "recovery codes")
        code = page.locator(".recovery-code").first.inner_text()
    with open_page(PHONE, dark=True) as page:
        page.goto("/admin/")
        page.fill("[name=username]", "merchant")
        page.fill("[name=password]", "a long pass phrase")
        check(page, "#login-form", "signing in")
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("Enter the code that your authenticator app shows now").wait_for()
        page.fill("[name=password]", "a long pass phrase")
        page.fill("[name=code]", code)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
    assert second_step.codes_left(merchant) == second_step.RECOVERY_CODES - 1
    assert TOTPDevice.objects.get().confirmed


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("/admin/catalog/product/import/", "form.max-w-3xl"),
        ("/admin/outbox/jobrun/", "section[aria-label='The schedule']"),
        ("/admin/outbox/jobrun/run/?job=purchases", "form.max-w-3xl"),
        ("/admin/orders/order/export/", "form.max-w-3xl"),
        ("/admin/orders/order/?q=nobody", "#changelist-form"),
        ("/admin/catalog/discount/", "#changelist-form"),
    ],
)
def test_the_other_new_pages_have_no_fault(open_page, shop, address, part):
    with open_page(PHONE) as page:
        sign_in(page)
        page.goto(address)
        check(page, part, address)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_schedule_is_read_on_a_phone_without_scrolling_sideways(open_page, shop, dark):
    now = timezone.now()
    error = "ConnectionError: the gateway at https://gateway.example/v1/what-it-is-called-there did not answer"
    JobRun.objects.create(name=JOBS["purchases"].task, started_at=now, finished_at=now, error=error)
    with open_page(PHONE, dark=dark) as page:
        sign_in(page)
        page.goto("/admin/outbox/jobrun/")
        schedule = page.get_by_role("region", name="The schedule")
        assert schedule.evaluate(IS_WHOLE)
        assert not page.evaluate(OVERFLOWS)
        assert schedule.bounding_box()["height"] <= 2 * PHONE[1]
        line = schedule.get_by_role("row", name="purchases Ends")
        assert f"failed: {error}" in line.inner_text()
        for cell in line.get_by_role("cell").all():
            box = cell.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE[0], cell.inner_text()
        line.get_by_role("link", name="Run purchases now").click()
        page.wait_for_url("**/run/?job=purchases")


@pytest.mark.parametrize(
    ("address", "last"),
    [
        ("/admin/carts/cart/", "Created at"),
        ("/admin/orders/order/?discount_code__exact=SPRING", "Created at"),
    ],
)
def test_a_small_desk_has_room_for_all_columns(open_page, shop, address, last):
    make_abandoned("somebody.with.a.name.as.long.as.this@a-company-of-theirs.example.com")
    order = payments.pay_order(make_order(pieces=8).pk, provider="stripe", instrument="tok_visa").order
    Order.objects.filter(pk=order.pk).update(discount_code="SPRING", email="maria.alvarez@example.com")
    with open_page(DESKTOP) as page:
        sign_in(page)
        page.goto(address)
        heading = page.get_by_role("columnheader", name=last)
        box = heading.bounding_box()
        assert box["x"] + box["width"] <= DESKTOP[0]
        assert page.locator("#result_list").evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
