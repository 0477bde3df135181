"""Orders by phone: staff drafts one, or makes a link for the checkout that the shopper began."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from carts.models import Cart
from checkouts.linked_carts import draft_of
from checkouts.models import Checkout
from orders.models import Order
from orders.states import OrderStatus
from payments import link_payments, links
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentLink
from tests.admin_rows import staff_with
from tests.checkouts.shopping import ready_session
from tests.dashboard.pressed import after, deliver, has_button, noted, page, press
from tests.factories import ADDRESS, CUSTOMER, STANDARD_ID, demo_shop, make_product, make_variant

DRAFT = "/admin/carts/cart/draft/"
TOTAL = 2 * 2499 + 599


@pytest.fixture
def shop(db):
    return demo_shop()


def typed(*lines: tuple[str, object], **changes: object) -> dict[str, object]:
    rows = {
        f"lines-{number}-{name}": value
        for number, line in enumerate(lines)
        for name, value in zip(("sku", "quantity"), line, strict=True)
    }
    management = {"lines-TOTAL_FORMS": "10", "lines-INITIAL_FORMS": "0"}
    own = {"request_key": str(uuid.uuid4()), "shipping_method": STANDARD_ID, **CUSTOMER, **ADDRESS}
    return {**management, **own, **rows, **changes}


SHIRTS = ("TS-BL-M", 2)


class TestADraft:
    def test_becomes_a_cart_and_a_link_that_asks_for_all_of_it(self, admin_client, admin_user, shop):
        answer = admin_client.post(DRAFT, typed(SHIRTS))
        link = PaymentLink.objects.get()
        assert answer["Location"] == reverse("admin:payments_paymentlink_change", args=[link.pk])
        assert (link.amount, link.created_by) == (TOTAL, str(admin_user))
        cart = Cart.objects.get()
        assert (cart.email, [(line.variant.sku, line.quantity) for line in cart.lines.all()]) == (
            CUSTOMER["email"],
            [SHIRTS],
        )

    def test_is_paid_by_its_link_and_becomes_the_order(self, admin_client, shop):
        admin_client.post(DRAFT, typed(SHIRTS))
        payment = link_payments.pay(PaymentLink.objects.get(), provider="stripe", draft_of=draft_of)
        TestGateway().answer_shopper(payment.gateway_reference, approves=True)
        deliver()
        order = Order.objects.get()
        assert (order.status, order.total_amount, order.captured_amount) == (OrderStatus.ACCEPTED, TOTAL, TOTAL)
        assert (order.shipping_address, order.shipping_method_name) == (ADDRESS, "Standard Shipping")

    def test_takes_a_discount_code(self, admin_client, shop):
        admin_client.post(DRAFT, typed(SHIRTS, discount_code="summer25"))
        assert PaymentLink.objects.get().amount == 4998 - 1250 + 599

    def test_of_the_same_thing_on_two_lines_is_one_line(self, admin_client, shop):
        admin_client.post(DRAFT, typed(SHIRTS, ("TS-BL-M", 1)))
        assert Cart.objects.get().lines.get().quantity == 3

    def test_sent_twice_is_one(self, admin_client, shop):
        form = typed(SHIRTS)
        first, second = (admin_client.post(DRAFT, form) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert (Cart.objects.count(), PaymentLink.objects.count(), len(noted())) == (1, 1, 1)
        assert "This order was drafted already." in admin_client.get(second["Location"]).content.decode()

    def test_is_on_the_carts_timeline(self, admin_client, shop):
        admin_client.post(DRAFT, typed(SHIRTS))
        html = page(admin_client, Cart.objects.get())
        assert noted()[0].startswith("Drafted the order, with payment link")
        assert noted()[0] in html
        assert "Payment link for $55.97 made by admin" in html

    @pytest.mark.parametrize(
        ("lines", "changes", "said"),
        [
            ([], {}, "An order is of something"),
            ([("NONE", 1)], {}, "NONE: Product variant not found"),
            ([("TS-BL-M", "")], {}, "A line needs a SKU"),
            ([("", 1)], {}, "A line needs a SKU"),
            ([("TS-BL-M", 0)], {}, "greater than or equal to 1"),
            ([("TS-BL-M", 9_999)], {}, "Only 5000 of"),
            ([SHIRTS], {"discount_code": "NOPE"}, "This discount code is not valid."),
            ([SHIRTS], {"email": "nobody"}, "Enter a valid email address."),
            ([SHIRTS], {"country": "XX"}, "Select a valid choice."),
            ([SHIRTS], {"shipping_method": "99"}, "Select a valid choice."),
            ([SHIRTS], {"request_key": "x"}, "Enter a valid UUID."),
            ([SHIRTS], {"full_name": "4242 4242 4242 4242"}, "This looks like a card number."),
        ],
    )
    def test_that_cannot_be_leaves_nothing_and_says_why(self, admin_client, shop, lines, changes, said):
        answer = admin_client.post(DRAFT, typed(*lines, **changes))
        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert not Cart.objects.exists()
        assert not Checkout.objects.exists()

    def test_without_its_lines_is_no_500(self, admin_client, shop):
        form = {name: value for name, value in typed().items() if not name.startswith("lines")}
        assert admin_client.post(DRAFT, form).status_code == 200

    def test_is_for_those_who_may(self, client, shop):
        client.force_login(staff_with("carts.view_cart"))
        assert DRAFT not in client.get(reverse("admin:carts_cart_changelist")).content.decode()
        assert client.get(DRAFT).status_code == 403
        assert client.post(DRAFT, typed(SHIRTS)).status_code == 403
        assert not Cart.objects.exists()

    def test_is_begun_above_the_list_of_carts(self, admin_client, shop):
        address = reverse("admin:carts_cart_begin_draft")
        assert address in admin_client.get(reverse("admin:carts_cart_changelist")).content.decode()
        assert admin_client.get(address)["Location"] == DRAFT
        assert admin_client.get(DRAFT).status_code == 200


class TestACheckoutTakenByPhone:
    @pytest.fixture
    def checkout(self, shop) -> Checkout:
        return Checkout.objects.get(session_key=ready_session())

    def test_has_a_link_that_asks_for_all_of_it(self, admin_client, checkout):
        answer = press(admin_client, checkout, "create_payment_link")
        link = PaymentLink.objects.get()
        assert answer["Location"].endswith(f"/{link.pk}/change/")
        assert (link.amount, links.cart_id_of(link)) == (TOTAL, checkout.cart_id)

    def test_pressed_twice_is_one_link(self, admin_client, checkout):
        for _ in range(2):
            press(admin_client, checkout, "create_payment_link")
        assert (PaymentLink.objects.count(), len(noted())) == (1, 1)
        assert noted()[0] in page(admin_client, checkout)

    def test_that_lacks_something_says_what(self, admin_client, checkout):
        Checkout.objects.update(shipping_address={})
        assert "Missing: shipping_address." in after(admin_client, checkout, "create_payment_link")
        assert not PaymentLink.objects.exists()

    @pytest.mark.parametrize("status", ["paying", "completed"])
    def test_that_is_being_paid_or_bought_has_none(self, admin_client, checkout, shop, status):
        order = Order.objects.create(
            source="x",
            cart=checkout.cart,
            currency="USD",
            expires_at=checkout.expires_at,
            items_amount=1,
            discount_amount=0,
            shipping_amount=0,
            total_amount=1,
        )
        Checkout.objects.update(status=status, order=order)
        assert not has_button(page(admin_client, checkout), checkout, "create_payment_link")
        after(admin_client, checkout, "create_payment_link")
        assert not PaymentLink.objects.exists()

    def test_is_for_those_who_may(self, client, checkout):
        client.force_login(staff_with("checkouts.view_checkout"))
        assert not has_button(page(client, checkout), checkout, "create_payment_link")
        assert press(client, checkout, "create_payment_link").status_code == 403

    def test_that_is_not_there_is_not_found(self, admin_client, checkout):
        checkout.pk = 999
        assert press(admin_client, checkout, "create_payment_link").status_code == 404
        assert not Payment.objects.exists()


def test_a_thing_without_a_price_cannot_be_drafted(admin_client, shop):
    make_variant(make_product(), sku="FREE?", amount=None)
    answer = admin_client.post(DRAFT, typed(("FREE?", 1)))
    assert "is not for sale" in answer.content.decode()
    assert not Cart.objects.exists()
