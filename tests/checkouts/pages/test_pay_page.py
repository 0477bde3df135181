"""The page behind a payment link, for whoever has its address."""

from dataclasses import replace

import pytest
from django.test import Client

from carts.models import Cart, CartLine
from catalog.models import Stock
from common import pay_links
from common.errors import DomainError, ErrorCode
from orders.links import token_of
from orders.models import Order
from payments import links, services
from payments.gateways import registry
from payments.gateways.base import GatewayRefused, GatewayResult, GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentLink
from payments.states import LinkState
from payments.states import PaymentStatus as S
from tests.checkouts.pages.shopper import text_of
from tests.factories import MEDIUM_BLUE_ID, make_variant
from tests.payments.builders import make_order
from tests.payments.linked import deliver_events, let_link_run_out, link_to, shop_cart, state, told_cart

BY_CARD = {"provider": "stripe"}


@pytest.fixture
def link(shop) -> PaymentLink:
    return link_to(told_cart())


def path_of(link: PaymentLink) -> str:
    return f"/pay/{pay_links.token_of(link.salt)}"


def press(client: Client, link: PaymentLink, **form: str):
    return client.post(path_of(link), form or BY_CARD)


def answer(client: Client, word: str):
    """On the gateway's page of the newest payment; where it leads, followed to the end."""
    reference = Payment.objects.order_by("-id")[0].gateway_reference
    return text_of(client.post(f"/test-gateway/{reference}", {"answer": word}, follow=True))


def go_silent(monkeypatch) -> None:
    def lost(self: object, *args: object, **kwargs: object) -> GatewayResult:
        raise GatewayUnavailable("The connection broke.")

    for verb in ("host", "void", "look_up"):
        monkeypatch.setattr(TestGateway, verb, lost)


# --- looking --------------------------------------------------------------------------------------
def test_it_shows_what_is_owed_by_whom_asked_and_until_when(client, link):
    response = client.get(path_of(link))
    page = text_of(response)
    assert response.status_code == 200
    for words in ("Pay $99.98", "Demo Shop", "Product Name", "2 × $49.99", f"{link.expires_at:%B %Y}", "UTC"):
        assert words in page, words


def test_what_is_paid_for_is_read_before_how(client, link):
    page = text_of(client.get(path_of(link)))
    assert page.index("What you pay for") < page.index("How do you want to pay?")


def test_looking_changes_nothing_and_leaves_no_session(client, link):
    for method in (client.get, client.head):
        assert method(path_of(link)).status_code == 200
    cart = Cart.objects.get()
    assert (cart.status, cart.last_activity_at, Order.objects.count()) == ("abandoned", cart.created_at, 0)
    assert set(client.cookies) <= {"csrftoken"}


def test_it_is_kept_by_nobody_and_its_address_told_to_nobody(client, link):
    response = client.get(path_of(link))
    assert "no-store" in response["Cache-Control"]
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "same-origin")


def test_it_shows_nobodys_address_and_loads_nothing_from_elsewhere(shopper):
    shopper.add()
    shopper.press("continue")
    link = link_to(Cart.objects.get())
    html = shopper.get(path_of(link)).content.decode()
    assert "Shipping" in html
    for secret in ("customer@example.com", "John Smith", "123 Main Street", "San Francisco", "+1555", "<script"):
        assert secret not in html, secret


def test_it_shows_what_is_paid_already_and_what_is_left(client, shop):
    order = make_order()
    Order.objects.update(takes_parts=True, captured_amount=1000)
    page = text_of(client.get(path_of(links.for_order(order.pk)[0])))
    for words in ("Pay $45.97", "$10.00 of $55.97 are paid already", "−$10.00", "Shipping Standard Shipping $5.99"):
        assert words in page, words


def test_it_asks_as_often_for_one_thing_as_for_many(client, shop, django_assert_num_queries):
    for count in (1, 20):
        cart = shop_cart(pieces=0)
        variants = [make_variant() for _ in range(count)]
        CartLine.objects.bulk_create(CartLine(cart=cart, variant=variant, quantity=1) for variant in variants)
        link = link_to(cart)
        with django_assert_num_queries(7):
            client.get(path_of(link))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, link, method):
    assert getattr(client, method)(path_of(link)).status_code == 405


# --- paying ---------------------------------------------------------------------------------------
def test_signed_out_and_without_a_script_it_is_two_presses_to_a_paid_order(client, link):
    response = press(client, link)
    assert response["Location"].startswith("/test-gateway/")
    page = answer(client, "approve")
    assert "Your order is confirmed." in page
    assert "Product Name" in page
    again = client.get(path_of(link))
    assert (again.status_code, "This is paid already" in text_of(again)) == (200, True)
    assert f'href="/orders/{token_of(Order.objects.get())}"' in again.content.decode()


def test_the_order_of_another_stores_cart_has_no_address_and_no_variant(client, link, mailoutbox):
    press(client, link)
    html = answer(client, "approve")
    deliver_events()
    assert "Product Name 2 × $49.99" in html
    assert "Ships to" not in html
    (mail,) = mailoutbox
    assert "2 x Product Name: $99.98" in mail.body
    assert "To: " not in mail.body


def test_pressing_where_it_is_paid_says_so(client, link):
    press(client, link)
    answer(client, "approve")
    assert press(client, link)["Location"] == path_of(link)
    assert Payment.objects.count() == 1


def test_a_gateway_elsewhere_is_reached_by_our_own_page(client, link, monkeypatch):
    book = TestGateway._result

    def elsewhere(self, charge):
        return replace(book(self, charge), action_url="https://checkout.stripe.com/pay/cs_test_1")

    monkeypatch.setattr(TestGateway, "_result", elsewhere)
    response = press(client, link)
    assert response["Location"] == f"/orders/{token_of(Order.objects.get())}/approve"
    assert "https://checkout.stripe.com/pay/cs_test_1" in client.get(response["Location"])["Refresh"]


def test_somebody_who_did_not_approve_can_press_again(client, link):
    press(client, link)
    assert "You did not approve it." in answer(client, "decline")
    assert "Pay $99.98" in text_of(client.get(path_of(link)))
    press(client, link)
    assert "Your order is confirmed." in answer(client, "approve")


def test_two_tabs_are_one_charge(client, link):
    press(client, link)
    press(Client(), link)
    assert sorted(Payment.objects.values_list("status", flat=True)) == [S.REQUIRES_ACTION, S.VOIDED]
    assert "Your order is confirmed." in answer(client, "approve")
    assert Order.objects.count() == 1


def test_a_click_while_the_first_is_being_asked_for_leads_to_its_session(client, link, monkeypatch):
    def another_click(payment):
        monkeypatch.undo()
        assert press(Client(), link)["Location"] == f"/orders/{token_of(payment.order)}/approve"
        return services.charge(payment)

    monkeypatch.setattr(services, "charge", another_click)
    press(client, link)
    assert Payment.objects.get().status == S.REQUIRES_ACTION


def test_a_session_that_cannot_be_closed_now_is_the_one_to_go_on_with(client, link, monkeypatch):
    session = press(client, link)["Location"]
    go_silent(monkeypatch)
    assert client.get(press(client, link)["Location"])["Location"] == session


def test_while_the_gateway_is_silent_it_says_that_we_ask_and_takes_no_money(client, link, monkeypatch):
    go_silent(monkeypatch)
    response = press(client, link)
    assert "Your payment is being processed" in text_of(client.get(response["Location"]))
    page = client.get(path_of(link))
    assert (page.status_code, "Please do not pay again" in text_of(page)) == (200, True)
    assert 'name="provider"' not in page.content.decode()
    assert press(client, link)["Location"] == f"/orders/{token_of(Order.objects.get())}/approve"
    assert Payment.objects.count() == 1


def test_what_the_gateway_will_not_do_is_said_on_the_page(client, link, monkeypatch):
    def no(self: object, request: object) -> GatewayResult:
        raise GatewayRefused("MobilePay does not take USD.")

    monkeypatch.setattr(TestGateway, "host", no)
    response = press(client, link, provider="mobilepay")
    page = text_of(client.get(response["Location"]))
    assert "MobilePay does not take USD. Nothing was charged." in page
    assert "Pay $99.98" in page


def test_sold_out_is_said_to_the_shopper(client, shop):
    link = link_to(shop_cart(pieces=2))
    Stock.objects.filter(variant=MEDIUM_BLUE_ID).update(on_hand=1)
    response = press(client, link)
    assert response["Location"] == path_of(link)
    assert "Only 1 of Organic Cotton T-Shirt (Medium / Blue) is left." in text_of(client.get(path_of(link)))
    assert not Payment.objects.exists()


@pytest.mark.parametrize("form", [{"provider": "barter"}, {"nothing": "1"}, {"provider": "\x00"}])
def test_a_form_that_is_not_right_is_shown_again(client, link, form):
    response = press(client, link, **form)
    assert (response.status_code, Order.objects.count()) == (422, 0)
    assert "Choose" in text_of(response)


def test_busy_is_said_and_can_be_tried_again(client, link, monkeypatch):
    def busy(*args: object, **kwargs: object) -> None:
        raise DomainError(ErrorCode.BUSY)

    monkeypatch.setattr(services, "pay_order", busy)
    response = press(client, link)
    assert (response.status_code, response["Retry-After"]) == (409, "1")
    assert "Pay $99.98" in text_of(response)


def test_another_sites_form_is_refused(link):
    strict = Client(enforce_csrf_checks=True)
    assert press(strict, link).status_code == 403
    token = strict.get(path_of(link)).cookies["csrftoken"].value
    assert press(strict, link, **BY_CARD, csrfmiddlewaretoken=token).status_code == 302


# --- which providers ------------------------------------------------------------------------------
def test_every_provider_on_offer_can_be_chosen_by_name(client, link):
    html = client.get(path_of(link)).content.decode()
    for name, label in ((name, registry.LABELS[name]) for name in registry.providers_on_offer()):
        assert f'value="{name}"' in html, name
        assert label in html, label
    assert "test_card" not in html


def test_one_provider_needs_no_choosing(client, link, settings, monkeypatch):
    monkeypatch.setattr(registry, "providers_on_offer", lambda: ("paypal",))
    html = client.get(path_of(link)).content.decode()
    assert '<input type="hidden" name="provider" value="paypal">' in html
    assert 'type="radio"' not in html


def test_stripes_page_offers_mobilepay_itself(client, link, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    html = client.get(path_of(link)).content.decode()
    assert 'value="stripe"' in html
    assert 'value="mobilepay"' not in html


def test_a_shop_without_any_provider_says_so(client, link, monkeypatch):
    monkeypatch.setattr(registry, "providers_on_offer", lambda: ())
    page = text_of(client.get(path_of(link)))
    assert "cannot take payments online at the moment" in page
    assert press(client, link).status_code == 422


# --- dead links -----------------------------------------------------------------------------------
def test_an_unknown_link_is_not_found(client, link):
    for token in ("x", "0" * 43, pay_links.token_of(link.salt)[:-1], "%00", "é", "x" * 3000):
        for method in (client.get, client.post):
            response = method(f"/pay/{token}")
            assert response.status_code == 404, token
            assert "This link is not one of ours" in text_of(response)


DEAD = {
    LinkState.ENDED: ("no longer in use", lambda link: links.end(link.pk)),
    LinkState.EXPIRED: ("has expired", let_link_run_out),
    LinkState.CHANGED: ("has changed", lambda link: Cart.objects.get().items.update(quantity=3)),
    LinkState.CLOSED: ("nothing to pay here any more", lambda link: Cart.objects.update(status="expired")),
}


@pytest.mark.parametrize("dead", DEAD)
def test_a_dead_link_is_gone_and_says_what_to_do(client, link, dead):
    words, kill = DEAD[dead]
    kill(link)
    assert state(link) == dead
    response = client.get(path_of(link))
    page = text_of(response)
    assert response.status_code == 410
    assert words in page
    assert "ask Demo Shop for a new link" in page
    assert press(client, link)["Location"] == path_of(link)
    assert not Order.objects.exists()
