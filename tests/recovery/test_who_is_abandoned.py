"""A cart with an address that nobody changes for ABANDON_AFTER_SECONDS is abandoned; a state that goes, a fact that
stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts import abandonment
from carts import services as carts
from carts.models import Cart, CartItem, CartLine, Door
from carts.states import CartStatus
from catalog.models import Price
from checkouts import services as checkouts
from payments.models import Payment
from payments.states import PaymentStatus
from recovery import detection, tasks
from tests.checkouts.shopping import checkout_of, pay, ready_session, shopper_answers
from tests.factories import LARGE_BLUE_ID, MEDIUM_BLUE_ID
from tests.recovery.carts import idle_since, make_abandoned, make_cart

pytestmark = pytest.mark.usefixtures("shop")
SHIRT = 2499


def status_of(cart: Cart) -> str:
    cart.refresh_from_db()
    return cart.status


def test_an_idle_cart_with_an_address_is_abandoned_at_the_moment_its_time_was_over(settings):
    cart = make_cart()
    assert detection.mark_abandoned() == 1
    assert status_of(cart) == CartStatus.ABANDONED
    over = cart.last_activity_at + timedelta(seconds=settings.ABANDON_AFTER_SECONDS)
    assert (cart.first_abandoned_at, cart.abandoned_at) == (over, over)
    assert (cart.abandoned_amount, cart.language, cart.is_followed_up) == (2 * SHIRT, "en", False)


@pytest.mark.parametrize(
    "values",
    [
        {"email": ""},
        {"last_activity_at": timezone.now() + timedelta(days=1)},
        {"status": CartStatus.CONVERTED},
        {"status": CartStatus.EXPIRED},
    ],
    ids=["no address", "busy until just now", "bought", "given up"],
)
def test_others_are_left_alone(values):
    cart = make_cart(**values)
    assert detection.mark_abandoned() == 0
    assert status_of(cart) == values.get("status", CartStatus.ACTIVE)


def test_a_shopping_bots_cart_is_given_up_and_no_figure_knows_it():
    bot, person = make_cart("x@storebotmail.joonix.net"), make_cart()
    assert detection.mark_abandoned() == 2
    assert (status_of(bot), bot.first_abandoned_at) == (CartStatus.EXPIRED, None)
    assert status_of(person) == CartStatus.ABANDONED


@pytest.mark.parametrize("door", [door for door in Door.values if door != Door.AGENT])
def test_whichever_door_it_came_through(door):
    cart = make_cart(door=door)
    detection.mark_abandoned()
    assert status_of(cart) == CartStatus.ABANDONED


def test_an_agents_is_given_up_the_person_has_not_seen_it():
    cart = make_cart(door=Door.AGENT)
    assert detection.mark_abandoned() == 1
    assert (status_of(cart), cart.first_abandoned_at) == (CartStatus.EXPIRED, None)


def test_one_with_nothing_in_it_is_given_up_and_never_counted():
    cart = make_cart(pieces=0)
    assert detection.mark_abandoned() == 1
    assert (status_of(cart), cart.first_abandoned_at) == (CartStatus.EXPIRED, None)
    carts.touch(cart, now=timezone.now())
    assert status_of(cart) == CartStatus.ACTIVE


class TestWhatItCameTo:
    def test_lines_at_the_catalogs_price_in_the_carts_currency(self):
        Price.objects.filter(variant_id=LARGE_BLUE_ID, currency="EUR").update(amount=3000)
        cart = make_cart(currency="EUR", pieces=1, variant_id=LARGE_BLUE_ID)
        CartLine.objects.create(cart=cart, variant_id=MEDIUM_BLUE_ID, quantity=2)
        detection.mark_abandoned()
        cart.refresh_from_db()
        assert cart.abandoned_amount == 3000 + 2 * SHIRT

    def test_another_stores_things_at_their_own(self):
        cart = make_cart(pieces=0, door=Door.TRACKER)
        CartItem.objects.create(cart=cart, name="Lamp", unit_amount=4999, quantity=2)
        detection.mark_abandoned()
        cart.refresh_from_db()
        assert cart.abandoned_amount == 9998

    def test_a_thing_without_a_price_counts_nothing(self):
        Price.objects.all().delete()
        cart = make_cart()
        detection.mark_abandoned()
        assert status_of(cart) == CartStatus.ABANDONED
        assert cart.abandoned_amount == 0


class TestComingBack:
    def test_it_is_active_again_and_the_next_time_is_a_spell_of_its_own(self):
        cart = make_abandoned(ago=timedelta(days=2), abandoned_amount=SHIRT, is_followed_up=True)
        first = cart.first_abandoned_at
        carts.touch(cart, now=timezone.now())
        assert status_of(cart) == CartStatus.ACTIVE
        Cart.objects.update(last_activity_at=idle_since())
        detection.mark_abandoned()
        assert status_of(cart) == CartStatus.ABANDONED
        assert cart.first_abandoned_at == first < cart.abandoned_at
        assert (cart.abandoned_amount, cart.is_followed_up) == (SHIRT, False)

    def test_reading_is_no_activity(self):
        session = ready_session()
        Cart.objects.update(last_activity_at=idle_since())
        checkouts.find(session)
        assert detection.mark_abandoned() == 1


class TestMoneyOnItsWay:
    """A payment under way or in doubt, or a part that was paid: nobody left this cart."""

    def idle(self, token: str) -> Cart:
        session = ready_session()
        pay(session, token)
        Cart.objects.update(last_activity_at=idle_since())
        return checkout_of(session).cart

    def test_a_shopper_at_the_gateway_has_not_left(self):
        cart = self.idle("tok_threeDSecureRequired")
        assert detection.mark_abandoned() == 0
        assert status_of(cart) == CartStatus.ACTIVE

    def test_one_who_refused_there_has(self):
        cart = self.idle("tok_threeDSecureRequired")
        shopper_answers(Payment.objects.get(), approves=False)
        Cart.objects.update(last_activity_at=idle_since())
        assert detection.mark_abandoned() == 1
        assert status_of(cart) == CartStatus.ABANDONED

    @pytest.mark.parametrize("status", [PaymentStatus.CREATED, PaymentStatus.PROCESSING, PaymentStatus.REVIEW])
    def test_a_payment_that_nobody_knows_the_end_of_keeps_it(self, status):
        self.idle("tok_threeDSecureRequired")
        Payment.objects.update(status=status)
        assert detection.mark_abandoned() == 0

    def test_a_part_that_was_paid_keeps_it_and_money_that_goes_back_does_not(self):
        self.idle("tok_threeDSecureRequired")
        Payment.objects.update(status=PaymentStatus.CAPTURED, captured_amount=500)
        assert detection.mark_abandoned() == 0
        Payment.objects.update(surplus_amount=500)
        assert detection.mark_abandoned() == 1


class TestExpiry:
    def test_an_abandoned_cart_nobody_came_back_for_expires(self, settings):
        life = timedelta(seconds=settings.CART_EXPIRES_AFTER_SECONDS)
        old, young = make_abandoned(ago=life), make_abandoned("bo@example.com", ago=life - timedelta(minutes=1))
        assert tasks.expire_carts() == 1
        assert (status_of(old), status_of(young)) == (CartStatus.EXPIRED, CartStatus.ABANDONED)
        assert old.first_abandoned_at is not None

    def test_one_that_was_abandoned_again_lives_on(self, settings):
        long_ago = timezone.now() - timedelta(seconds=2 * settings.CART_EXPIRES_AFTER_SECONDS)
        cart = make_abandoned(first_abandoned_at=long_ago)
        assert tasks.expire_carts() == 0
        assert status_of(cart) == CartStatus.ABANDONED


class TestCost:
    @pytest.fixture
    def statements(self):
        return CaptureQueriesContext(connection)

    def test_a_sweep_with_nothing_to_do_reads_once_and_writes_nothing(self, statements):
        make_cart(last_activity_at=timezone.now())
        with statements:
            assert abandonment.mark_idle(now=timezone.now(), busy=detection.money_is_on_its_way()) == 0
        assert [query["sql"][:6] for query in statements] == ["SELECT"]

    @pytest.mark.parametrize("count", [1, 50])
    def test_a_batch_takes_as_many_statements_as_one_cart(self, count, django_assert_num_queries):
        for number in range(count):
            make_cart(f"ada.{number}@example.com")
        with django_assert_num_queries(5):  # a look, two savepoints, the rows, the move
            assert abandonment.mark_idle(now=timezone.now(), busy=detection.money_is_on_its_way()) == count

    def test_batches_go_on_until_nothing_is_left(self, monkeypatch):
        monkeypatch.setattr(
            abandonment.mark_idle, "__kwdefaults__", abandonment.mark_idle.__kwdefaults__ | {"limit": 2}
        )
        monkeypatch.setattr(abandonment, "BATCH", 2)
        for number in range(5):
            make_cart(f"ada.{number}@example.com")
        assert tasks.mark_abandoned() == 5
