import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from orders.models import Order
from payments.models import Payment
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.journey import ADDRESS, CONTACT, fill_in, place, place_with, to_checkout
from tests.checkouts.pages.shopper import SHIRT

pytestmark = pytest.mark.usefixtures("shop")


def heading(page) -> str:
    return page.locator("h1").inner_text()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_a_shirt_is_bought(open_page, size, javascript):
    with open_page(size, javascript=javascript) as page:
        page.goto("/")
        page.get_by_role("link", name="Organic Cotton T-Shirt").click()
        page.get_by_role("button", name="Add to cart").click()
        page.get_by_role("button", name="Go to checkout").click()
        fill_in(page)
        page.get_by_role("button", name="Place order · $30.98").click()
        page.wait_for_url("**/orders/*")
        assert heading(page) == "Thank you, John Smith."
    order = Order.objects.get()
    assert order.captured_amount == order.total_amount == 3098


def test_the_amount_on_the_button_follows_the_chosen_shipping_without_javascript(open_page):
    with open_page(PHONE, javascript=False) as page:
        to_checkout(page)
        fill_in(page)
        page.get_by_label("Express Shipping").check()
        page.get_by_role("button", name="Place order · $39.98").click()
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().total_amount == 3998


def test_a_shirt_is_bought_with_the_keyboard_alone(open_page):
    def tab_to(page, selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"The keyboard does not reach {selector}.")

    with open_page() as page:
        page.goto(SHIRT)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        tab_to(page, "[name=variant]")
        page.keyboard.press("ArrowDown")
        tab_to(page, "form .button")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cart/")
        tab_to(page, "[value=checkout]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/checkout/")
        for field, text in (CONTACT | {"#id_shipping-country": "United States"}).items():
            tab_to(page, field)
            page.keyboard.type(text)
        page.locator("select#id_shipping-state").wait_for()
        for field, text in ADDRESS.items():
            tab_to(page, field)
            page.keyboard.type(text)
        tab_to(page, "[value=place]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/orders/*")
        assert heading(page).startswith("Thank you")
    assert Order.objects.get().lines.get().variant_name == "Large / Blue"


def test_a_declined_card_is_followed_by_one_that_pays(open_page):
    with open_page(PHONE) as page:
        place_with(page, "tok_chargeDeclined")
        page.get_by_text("The payment did not go through.").wait_for()
        assert page.input_value("#id_email") == "customer@example.com"
        place(page)
        page.wait_for_url("**/orders/*")
        assert heading(page).startswith("Thank you")
    assert Order.objects.count() == 1


def test_an_approved_payment_confirms_the_order(open_page):
    with open_page() as page:
        place_with(page, "tok_threeDSecureRequired")
        page.get_by_role("button", name="Approve").click()
        page.wait_for_url("**/orders/*")
        assert heading(page).startswith("Thank you")


def test_a_refused_payment_is_paid_again_on_the_orders_page(open_page):
    with open_page() as page:
        place_with(page, "tok_threeDSecureRequired")
        page.get_by_role("button", name="Decline").click()
        page.wait_for_url("**/orders/*")
        assert heading(page) == "The payment did not go through"
        page.get_by_role("button", name="Pay $30.98").click()
        page.get_by_text("Your order is confirmed.").wait_for()
    assert Payment.objects.count() == 2


def test_a_double_click_places_one_order(open_page):
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        page.get_by_role("button", name="Place order").dblclick()
        page.get_by_role("heading", name="Thank you").wait_for()  # the second click may call off the first one's answer
        assert "/orders/" in page.url
    assert Order.objects.count() == Payment.objects.count() == 1


def test_the_back_button_after_buying_shows_the_order_again(open_page):
    with open_page() as page:
        place_with(page, "tok_visa")
        page.wait_for_url("**/orders/*")
        page.go_back()
        page.wait_for_url("**/orders/*")
        assert heading(page).startswith("Thank you")
    assert Order.objects.count() == 1


def test_errors_are_shown_on_top_with_the_focus_and_lead_to_their_fields(open_page):
    with open_page(PHONE) as page:
        to_checkout(page)
        page.get_by_role("button", name="Place order").click()
        page.get_by_text("5 things are not right yet").wait_for()
        assert page.evaluate("document.activeElement.className") == "problems"
        page.get_by_role("link", name="Enter the city.").click()
        assert page.evaluate("document.activeElement.id") == "id_shipping-city"


@pytest.fixture
def callers_shop():
    """Another site, where an API caller wants the shopper after the payment."""

    class Thanks(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<title>caller</title><link rel=icon href='data:,'>thanks")

        def log_message(self, *args) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Thanks)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_approval_leads_on_to_the_api_callers_own_site(open_page, callers_shop):
    with open_page() as page:
        place_with(page, "tok_threeDSecureRequired")
        page.wait_for_url("**/test-gateway/*")
        Payment.objects.update(redirect_url=f"{callers_shop}/thanks")
        page.reload()
        page.get_by_role("button", name="Approve").click()
        page.wait_for_url(f"{callers_shop}/thanks")
    assert Order.objects.get().number
