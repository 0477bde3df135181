import pytest
from django.utils import timezone

from catalog.models import Stock
from checkouts.models import Checkout
from payments import review
from payments.models import Payment
from tests.browser.chromium import LOOKS, PHONE
from tests.browser.journey import add_shirt, choose_country, fill_in, place, place_with
from tests.browser.sight import OVERFLOWS, TOO_SMALL, check_rules
from tests.checkouts.pages.shopper import SHIRT
from tests.factories import make_product, make_variant

pytestmark = pytest.mark.once


def check(page, seen: list[str], name: str) -> None:
    page.wait_for_load_state("load")  # a page without its stylesheet yet would be judged by the browser's colours
    check_rules(page, name)
    assert page.evaluate(TOO_SMALL) == [], name
    assert not page.evaluate(OVERFLOWS), name
    seen.append(name)


@LOOKS
def test_no_page_breaks_a_rule_of_accessibility(open_page, shop, size, dark):
    for number in range(14):
        make_variant(make_product(f"Mug {number}"), on_hand=3)
    seen: list[str] = []
    with open_page(size, dark=dark) as page:
        for path in ("/", "/products/", "/products/?page=2", SHIRT, "/cart/"):
            page.goto(path)
            check(page, seen, path)
        add_shirt(page)
        check(page, seen, "cart after adding")
        page.fill("#code", "NOPE")
        page.get_by_role("button", name="Apply").click()
        check(page, seen, "cart with an error")
        page.goto("/checkout/")
        check(page, seen, "checkout")
        page.uncheck("[name=billing_same]")
        choose_country(page, "JP", address="billing")
        page.fill("#id_email", "ada@gmial.com")
        page.press("#id_email", "Tab")
        page.get_by_role("button", name="Use that").wait_for()
        page.check("[value=mobilepay]")
        check(page, seen, "checkout with everything shown")
        page.check("[name=billing_same]")
        page.check("[value=stripe]")
        page.get_by_role("button", name="Place order").click()
        check(page, seen, "checkout with errors")
        fill_in(page)
        place(page, "tok_chargeDeclined")
        check(page, seen, "checkout after a decline")
        place(page, "tok_threeDSecureRequired")
        check(page, seen, "test gateway")
        page.get_by_role("button", name="Decline").click()
        check(page, seen, "order to be paid again")
        page.get_by_role("button", name="Pay ").click()
        page.get_by_text("Your order is confirmed.").wait_for()
        check(page, seen, "order")
        add_shirt(page)
        Stock.objects.update(on_hand=0)
        page.goto("/checkout/")
        page.get_by_text("Filled in from your last order.").wait_for()
        page.get_by_text("Before you can order:").wait_for()
        check(page, seen, "checkout of a returning shopper, sold out meanwhile")
        Checkout.objects.update(expires_at=timezone.now())
        page.goto("/cart/")
        page.get_by_role("button", name="Put everything back").wait_for()
        check(page, seen, "cart of a session that ran out")
    assert len(seen) == 16


@LOOKS
def test_no_order_in_review_or_paid_back_breaks_a_rule_of_accessibility(open_page, shop, size, dark):
    seen: list[str] = []
    with open_page(size, dark=dark) as page:
        place_with(page, "tok_otherAmount")
        page.get_by_role("heading", name="We are looking at your payment").wait_for()
        check(page, seen, "order in review")
        review.pay_back(Payment.objects.get().pk, by="merchant")
        page.reload()
        page.get_by_role("heading", name="Your payment did not pay this order").wait_for()
        check(page, seen, "order whose payment went back")
        page.get_by_role("button", name="Pay ").click()
        page.get_by_text("Your order is confirmed.").wait_for()
    assert len(seen) == 2


@LOOKS
def test_no_page_on_the_way_to_a_gateway_breaks_a_rule_of_accessibility(open_page, stripe, size, dark):
    seen: list[str] = []
    with open_page(size, dark=dark) as page:
        page.route("**/_pages/**", lambda route: route.abort("aborted"))  # the page between stays
        add_shirt(page)
        page.goto("/checkout/")
        card = page.frame_locator("[data-card] iframe").get_by_label("Card number")
        card.wait_for()
        check(page, seen, "checkout with the card form")
        fill_in(page)
        page.get_by_role("button", name="Place order").click()
        page.get_by_role("alert").get_by_text("Your card number is incomplete.").wait_for()
        check(page, seen, "checkout with a wrong card")
        card.fill("4000 0027 6000 3184")
        page.get_by_role("button", name="Place order").click()
        page.get_by_role("heading", name="On to your bank").wait_for()
        check(page, seen, "on to the bank")
        page.get_by_role("link", name="Your order").click()
        page.get_by_role("button", name="Pay another way").wait_for()
        check(page, seen, "order that waits")
        page.get_by_role("button", name="Pay another way").click()
        card.wait_for()
        check(page, seen, "order to be paid with the card form")
    assert len(seen) == 5


@pytest.mark.parametrize("template", ["404.html", "500.html", "403_csrf.html", "checkouts/busy.html"])
def test_no_page_of_trouble_breaks_a_rule_of_accessibility(open_page, shop, template):
    from django.template.loader import render_to_string

    with open_page(PHONE) as page:
        page.goto("/healthz")
        page.set_content(render_to_string(template))
        check(page, [], template)
