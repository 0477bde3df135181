from carts.models import Refusal
from catalog.models import Discount, Price, Stock
from checkouts import completion
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.errors import DomainError, ErrorCode
from orders.models import Order
from payments.models import Payment
from tests.checkouts.pages.shopper import text_of
from tests.factories import EXPRESS_ID, MEDIUM_BLUE_ID, make_product, make_variant


def test_an_order_is_placed_and_confirmed_on_its_own_page(shopper):
    shopper.add()
    response = shopper.buy()
    assert response.status_code == 302
    assert response["Location"].startswith("/orders/")
    page = shopper.shown(response)
    order = Order.objects.get()
    assert "Your order is confirmed." in page
    assert order.number in page
    assert "$30.98 paid" in page
    assert (order.total_amount, order.captured_amount) == (3098, 3098)


def test_choosing_another_way_of_shipping_costs_what_the_button_then_says(shopper):
    shopper.add()
    shopper.buy(shipping_method=EXPRESS_ID)
    assert Order.objects.get().total_amount == 2499 + 1499


def test_pressing_twice_makes_one_order_and_leads_to_it(shopper):
    shopper.add()
    form = shopper.form()
    first = shopper.press("place", form)
    second = shopper.press("place", form)
    assert second["Location"] == first["Location"]
    assert Order.objects.count() == Payment.objects.count() == 1


def test_the_back_button_leads_to_the_order(shopper):
    shopper.add()
    placed = shopper.buy()
    assert shopper.get("/checkout/")["Location"] == placed["Location"]


def test_a_page_left_open_in_another_tab_leads_to_its_own_order_and_spares_the_new_cart(shopper):
    shopper.add()
    old_page = shopper.form()
    placed = shopper.press("place", old_page)
    shopper.add(quantity=2)
    assert shopper.press("place", old_page)["Location"] == placed["Location"]
    assert Order.objects.count() == 1
    assert shopper.checkout.status == CheckoutStatus.ACTIVE
    assert [line.quantity for line in shopper.checkout.cart.lines.all()] == [2]


def test_somebody_elses_checkout_in_the_form_leads_nowhere(shopper):
    shopper.add()
    shopper.buy()
    theirs = shopper.checkout.pk
    shopper.client.cookies.clear()
    shopper.add()
    response = shopper.press("place", checkout=theirs)
    assert response["Location"] == "/cart/"


def test_while_a_payment_is_under_way_the_page_says_so_and_nothing_can_change(shopper):
    shopper.add()
    form = shopper.form()
    Checkout.objects.update(status=CheckoutStatus.PAYING)
    response = shopper.press("place", form)
    assert "Your payment is being processed" in text_of(response)
    assert response["Refresh"]
    assert "Your payment is being processed" in shopper.shown(shopper.get("/cart/"))
    assert "Your payment is being processed" in shopper.shown(shopper.add())
    assert not Order.objects.exists()


def test_a_changed_price_is_never_charged_unseen(shopper):
    shopper.add()
    form = shopper.form()
    Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=2999)
    response = shopper.press("place", form)
    assert response["Location"] == "/checkout/"
    page = shopper.shown(response)
    assert "The total is now $35.98. Nothing was charged" in page
    assert "Place order · $35.98" in page
    assert not Order.objects.exists()
    assert "Your order is confirmed." in shopper.shown(shopper.buy())


def test_a_page_that_says_no_total_buys_nothing(shopper):
    shopper.add()
    assert "The total is now" in shopper.shown(shopper.press("place", **{"total-1": None}))
    assert not Order.objects.exists()


def test_a_code_that_was_refused_does_not_keep_who_orders_at_the_total_shown(shopper):
    shopper.add()
    assert shopper.buy(code="NOPE").status_code == 422
    page = shopper.shown(shopper.buy(code="NOPE", refused_code="NOPE"))
    assert "Your order is confirmed." in page
    assert (Order.objects.get().discount_amount, Refusal.objects.get().times) == (0, 1)


def test_a_code_typed_and_not_applied_is_applied_and_shown_first(shopper):
    shopper.add()
    page = shopper.shown(shopper.buy(code="SUMMER25"))
    assert "The total is now $24.73." in page
    assert not Order.objects.exists()


def test_the_last_piece_gone_meanwhile_is_said_in_plain_words(shopper):
    shopper.add(quantity=2)
    form = shopper.form()
    Stock.objects.filter(pk=MEDIUM_BLUE_ID).update(on_hand=1)
    page = shopper.shown(shopper.press("place", form))
    assert "Only 1 of Organic Cotton T-Shirt (Medium / Blue) is left." in page
    assert not Payment.objects.exists()


def test_a_code_used_up_meanwhile_is_said_in_plain_words(shopper):
    shopper.add()
    shopper.press("apply_code", code="ONCE")
    form = shopper.form()
    Discount.objects.filter(code="ONCE").update(used_count=1)
    page = shopper.shown(shopper.press("place", form))
    assert "The total is now $30.98." in page
    assert "gives nothing at the moment" in page


def test_a_declined_card_leaves_everything_as_it_was_and_the_next_card_pays(shopper):
    shopper.add()
    response = shopper.buy(test_card="tok_chargeDeclined")
    assert response["Location"] == "/checkout/"
    page = shopper.shown(response)
    assert "The payment did not go through." in page
    assert "Nothing was charged." in page
    html = shopper.get("/checkout/").content.decode()
    assert '<a href="#id_provider">Go to the payment</a>' in html
    assert 'id="id_provider"' in html
    assert shopper.checkout.cart.email == "customer@example.com"
    assert "Your order is confirmed." in shopper.shown(shopper.buy())
    assert Order.objects.count() == 1


def test_an_answer_that_got_lost_is_told_as_being_processed(shopper):
    shopper.add()
    page = shopper.shown(shopper.buy(test_card="tok_late"))
    assert "Your payment is being processed" in page
    assert "Please do not pay again" in page


def test_nothing_to_pay_needs_no_payment(shopper):
    product = make_product("Free Sample")
    variant = make_variant(product, amount=0)
    shopper.add(variant=variant.pk, path=product.get_absolute_url())
    from checkouts.models import ShippingRate

    ShippingRate.objects.update(amount=0)
    page = shopper.shown(shopper.buy())
    assert "Your order is confirmed." in page
    assert "Nothing to pay" in page


def test_a_busy_shop_keeps_what_was_typed_and_asks_to_try_again(shopper, monkeypatch):
    def busy(*args, **kwargs):
        raise DomainError(ErrorCode.BUSY)

    shopper.add()
    form = shopper.form()
    monkeypatch.setattr(completion, "complete", busy)
    response = shopper.press("place", form)
    assert (response.status_code, response["Retry-After"]) == (409, "1")
    assert "The shop is busy. Please try again." in text_of(response)
    assert 'value="123 Main Street"' in response.content.decode()


def test_paying_by_mobilepay_and_paypal_asks_for_approval(shopper):
    for provider in ("mobilepay", "paypal"):
        shopper.add()
        response = shopper.buy(provider=provider, mobile="+45 12 34 56 78")
        assert response["Location"].startswith("/test-gateway/")


def test_no_session_is_kept_for_the_shopper_but_the_checkouts(shopper):
    shopper.add()
    shopper.buy()
    assert "sessionid" not in shopper.client.cookies
