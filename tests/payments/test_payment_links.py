"""Links are made for what is owed, die with it, and are kept where nobody can read them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from carts import tracked
from carts.models import Cart, CartLine
from carts.states import CartStatus
from catalog.models import Price, Product
from common import pay_links
from common.errors import ErrorCode
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments import expiry, link_payments, links, services
from payments.models import PaymentLink
from payments.states import LinkState
from tests.checkouts.shopping import let_order_run_out, refused, shelf
from tests.factories import MEDIUM_BLUE_ID, SHIRT_ID, demo_shop, make_variant
from tests.payments.builders import CAPTURED, make_order, make_payment
from tests.payments.builders import TOTAL as ORDERED
from tests.payments.linked import SHIRT, TOLD, let_link_run_out, link_to, look, shop_cart, state, told_cart


@pytest.fixture(autouse=True)
def shop(db):
    return demo_shop()


@pytest.fixture
def order(shop) -> Order:
    return make_order()


# --- making ---------------------------------------------------------------------------------------
def test_a_link_asks_for_what_a_cart_of_any_door_comes_to():
    for cart, amount in ((told_cart(), TOLD), (told_cart(status_active=True), TOLD), (shop_cart(pieces=3), 3 * SHIRT)):
        link = link_to(cart)
        assert (link.owner, link.amount, link.currency) == (f"cart:{cart.pk}", amount, "USD")
        assert state(link) == LinkState.OPEN
        assert look(link).owed.due_amount == amount


def test_it_lives_for_seven_days_and_the_cart_shows_it():
    cart = told_cart()
    link = link_to(cart)
    assert link.expires_at - link.created_at == pytest.approx(timedelta(days=7), abs=timedelta(minutes=1))
    cart.refresh_from_db()
    assert cart.payment_link == links.address_of(link) == f"{settings.BASE_URL}/pay/{pay_links.token_of(link.salt)}"
    assert cart.payment_link_expires_at == link.expires_at


def test_an_unchanged_cart_keeps_its_link():
    cart = told_cart()
    first, is_new = links.for_cart(cart.pk)
    again, is_new_again = links.for_cart(cart.pk)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)


def test_a_link_of_a_changed_cart_is_dead_and_a_newer_one_ends_it():
    cart = shop_cart()
    old = link_to(cart)
    CartLine.objects.update(quantity=2)
    assert state(old) == LinkState.CHANGED
    new = link_to(cart)
    assert (state(old), state(new), new.amount) == (LinkState.ENDED, LinkState.OPEN, 2 * SHIRT)
    assert PaymentLink.objects.filter(ended_at=None).count() == 1


def test_a_changed_price_changes_the_cart_and_a_changed_name_does_not():
    link = link_to(shop_cart())
    Product.objects.update(name="Cotton Shirt")
    assert state(link) == LinkState.OPEN
    Price.objects.filter(variant=MEDIUM_BLUE_ID).update(amount=1)
    assert state(link) == LinkState.CHANGED


def test_a_thing_that_is_no_longer_for_sale_cannot_be_paid_by_a_link():
    cart = shop_cart()
    link = link_to(cart)
    Product.objects.filter(pk=SHIRT_ID).update(is_active=False)
    assert state(link) == LinkState.CHANGED
    with refused(ErrorCode.VARIANT_NOT_FOR_SALE):
        link_to(cart)


@pytest.mark.parametrize("status", [CartStatus.RECOVERED, CartStatus.CONVERTED, CartStatus.EXPIRED])
def test_a_cart_that_is_bought_or_given_up_has_no_link_and_its_old_one_is_closed(status):
    cart = told_cart()
    link = link_to(cart)
    Cart.objects.update(status=status)
    assert state(link) == LinkState.CLOSED
    with refused(ErrorCode.CART_CLOSED) as refusal:
        link_to(cart)
    assert refusal.value.values["status"] == status


def test_what_costs_nothing_has_no_link():
    for cart in (shop_cart(pieces=0), told_cart(amount=0)):
        with refused(ErrorCode.NOTHING_TO_PAY):
            link_to(cart)
    with refused(ErrorCode.CART_NOT_FOUND):
        links.for_cart(999_999)


# --- orders ---------------------------------------------------------------------------------------
def test_an_unpaid_order_waits_for_its_link_and_its_pieces_with_it(order):
    link, _ = links.for_order(order.pk, created_by="merchant")
    assert (link.owner, link.amount, link.created_by) == (f"order:{order.pk}", ORDERED, "merchant")
    order.refresh_from_db()
    assert order.expires_at == link.expires_at
    assert links.for_order(order.pk) == (link, False)
    assert (state(link), shelf()) == (LinkState.OPEN, (5000, 2))


def test_a_part_paid_order_has_a_link_for_the_rest(order):
    Order.objects.update(takes_parts=True, captured_amount=1000)
    let_order_run_out(order.pk)  # one that got a part waits for the rest
    link, _ = links.for_order(order.pk)
    view = look(link)
    assert (link.amount, view.owed.paid_amount, view.owed.due_amount) == (ORDERED - 1000, 1000, ORDERED - 1000)
    Order.objects.update(captured_amount=2000)
    assert state(link) == LinkState.CHANGED


def test_a_cart_that_is_an_order_of_several_parts_has_a_link_for_that_order(order):
    cart = shop_cart()
    before = link_to(cart)
    Order.objects.update(takes_parts=True, cart=cart)
    assert state(before) == LinkState.CHANGED
    link = link_to(cart)
    assert link.owner == f"order:{order.pk}"
    cart.refresh_from_db()
    assert cart.payment_link == links.address_of(link)


def test_an_order_that_cannot_be_paid_has_no_link(order):
    let_order_run_out(order.pk)
    with refused(ErrorCode.ORDER_NOT_PAYABLE):
        links.for_order(order.pk)
    Order.objects.update(status=OrderStatus.CANCELED)
    with refused(ErrorCode.ORDER_NOT_PAYABLE):
        links.for_order(order.pk)
    with refused(ErrorCode.ORDER_NOT_FOUND):
        links.for_order(999_999)


def test_an_order_that_is_paid_ends_its_link_and_one_that_is_canceled_closes_it(order):
    link, _ = links.for_order(order.pk)
    services.apply_result(make_payment(order).pk, CAPTURED, heard_from="answer")
    assert state(link) == LinkState.PAID
    with refused(ErrorCode.ORDER_NOT_PAYABLE):
        links.for_order(order.pk)
    Order.objects.update(status=OrderStatus.CANCELED)
    assert state(link) == LinkState.CLOSED


def test_an_order_whose_lines_change_kills_its_link(order):
    link, _ = links.for_order(order.pk)
    OrderLine.objects.update(quantity=3)
    assert state(link) == LinkState.CHANGED


# --- ending ---------------------------------------------------------------------------------------
def test_staff_ends_a_link_and_the_cart_shows_it_no_longer():
    cart = told_cart()
    link = link_to(cart)
    for _ in range(2):
        links.end(link.pk)
    cart.refresh_from_db()
    assert (state(link), cart.payment_link) == (LinkState.ENDED, "")
    assert link_to(cart).pk != link.pk


def test_an_order_whose_link_is_ended_has_the_usual_life_again(order):
    link, _ = links.for_order(order.pk)
    links.end(link.pk)
    order.refresh_from_db()
    assert order.expires_at <= timezone.now() + timedelta(seconds=settings.UNPAID_ORDER_EXPIRES_AFTER_SECONDS)
    let_order_run_out(order.pk)
    expiry.cancel_expired()
    assert (state(link), shelf()) == (LinkState.ENDED, (5000, 0))


def test_a_link_whose_time_is_over_is_dead_before_and_after_the_sweep():
    cart = told_cart()
    link = link_to(cart)
    let_link_run_out(link)
    assert state(link) == LinkState.EXPIRED
    assert [links.end_expired(), links.end_expired()] == [1, 0]
    assert state(link) == LinkState.EXPIRED
    Cart.objects.update(payment_link_expires_at=timezone.now())
    assert Cart.objects.get().payment_link == ""
    assert state(link_to(cart)) == LinkState.OPEN


def test_a_link_ended_before_its_time_was_over_stays_ended():
    link = link_to(told_cart())
    links.end(link.pk)
    let_link_run_out(link)
    PaymentLink.objects.update(ended_at=timezone.now() - timedelta(days=3))
    assert state(link) == LinkState.ENDED


def test_the_sweep_takes_a_batch_at_a_time():
    for _ in range(3):
        let_link_run_out(link_to(told_cart()))
    assert [links.end_expired(limit=2), links.end_expired(limit=2)] == [2, 1]


# --- who can read it ------------------------------------------------------------------------------
def test_no_row_of_the_database_holds_the_token():
    cart = told_cart()
    token = pay_links.token_of(link_to(cart).salt)
    assert len(token) == 43
    for table in ("payments_paymentlink", "carts_cart"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name of ours
            assert token not in repr(cursor.fetchall())


def test_the_token_is_ours_alone_to_make(settings):
    salt = PaymentLink.objects.get(pk=link_to(told_cart()).pk).salt
    mine = pay_links.token_of(salt)
    settings.SECRET_KEY = "another house"
    assert pay_links.token_of(salt) != mine


def test_a_link_that_another_secret_key_made_still_works_and_a_new_one_is_made_to_be_shown(settings):
    cart = told_cart()
    old = link_to(cart)
    sent = pay_links.token_of(old.salt)
    settings.SECRET_KEY = "a new key of the same house"
    assert link_payments.look(sent).state == LinkState.OPEN
    assert state(link_to(cart)) == LinkState.OPEN
    assert link_payments.look(sent).state == LinkState.ENDED


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "\x00", "é", "\ud800", "x" * 5000])
def test_what_is_no_token_finds_nothing(token):
    link_to(told_cart())
    assert link_payments.look(token) is None


def test_looking_asks_as_often_for_one_thing_as_for_many(django_assert_num_queries):
    for count in (1, 30):
        cart = shop_cart(pieces=0)
        variants = [MEDIUM_BLUE_ID] if count == 1 else _variants(count)
        CartLine.objects.bulk_create(CartLine(cart=cart, variant_id=variant, quantity=1) for variant in variants)
        link = link_to(cart)
        with django_assert_num_queries(7):
            look(link)


def _variants(count: int) -> list[int]:
    return [make_variant().pk for _ in range(count)]


def test_a_deleted_cart_leaves_its_link_closed():
    cart = told_cart()
    link = link_to(cart)
    with refused(ErrorCode.CART_KEPT):
        tracked.remove(cart.pk)
    Cart.objects.all().delete()
    assert state(link) == LinkState.CLOSED
