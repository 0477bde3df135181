"""Old carts are forgotten whole: names first, then they and all about them. What is open, or must be kept, stays."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts import people
from carts import retention as of_carts
from carts.models import Cart, CartItem, CartLine, Identity
from carts.states import CartStatus
from checkouts import retention as of_checkouts
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.persons import email_key
from orders.models import Order
from payments.models import Payment
from payments.states import PaymentStatus
from payments.tasks import forget_payers
from recovery import consents, retention, suppression, tasks
from recovery.models import Click, Consent, Enrolment, Holdout, Message, RecoveryLink, Suppression
from recovery.states import Outcome, Reason, SuppressedBecause
from tests.ages import before, let_a_year_pass
from tests.checkouts.shopping import checkout_of, pay, ready_session
from tests.recovery.carts import ADA, make_abandoned, make_cart
from tests.recovery.sequences import DAY, HOUR, Time, make_sequence

pytestmark = pytest.mark.usefixtures("shop")
CLOSED = (CartStatus.EXPIRED, CartStatus.RECOVERED, CartStatus.CONVERTED)


def closed(status: CartStatus = CartStatus.EXPIRED, **values: object) -> Cart:
    return make_cart(full_name="Ada", phone="+4512345678", **{"status": status} | values)


class TestACart:
    @pytest.mark.parametrize("status", CLOSED)
    def test_that_is_over_goes_with_all_that_was_in_it(self, status):
        CartItem.objects.create(cart=closed(status), name="Mug", unit_amount=100, quantity=1)
        let_a_year_pass()
        tasks.forget_shoppers()
        assert [model.objects.count() for model in (Cart, CartLine, CartItem)] == [0, 0, 0]

    def test_loses_its_names_before_it_goes(self):
        cart = closed()
        Checkout.objects.create(
            cart=cart, status="expired", expires_at=timezone.now(), shipping_address={"city": "Paris"}
        )
        let_a_year_pass()
        assert of_checkouts.remove(before()) == 0
        assert of_checkouts.anonymise(before()) == 1
        cart.refresh_from_db()
        assert (cart.email, cart.phone, cart.full_name) == ("", "", "")
        assert cart.checkouts.get().shipping_address == {}
        assert of_checkouts.anonymise(before()) == 0
        assert of_checkouts.remove(before()) == 1

    @pytest.mark.parametrize("status", [CartStatus.ACTIVE, CartStatus.ABANDONED])
    def test_that_is_open_stays(self, status):
        make_cart(status=status)
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Cart.objects.get().email == ADA

    def test_of_nobody_that_was_left_goes_too(self):
        make_cart("")
        let_a_year_pass()
        tasks.forget_shoppers()
        assert not Cart.objects.exists()

    def test_that_is_younger_stays(self):
        closed(updated_at=timezone.now() - timedelta(days=364))
        tasks.forget_shoppers()
        assert Cart.objects.get().email == ADA

    def test_with_a_payment_link_of_lately_stays(self):
        closed()
        let_a_year_pass()
        Cart.objects.update(payment_link_expires_at=timezone.now() - timedelta(days=1))
        tasks.forget_shoppers()
        assert Cart.objects.get().email == ADA

    @pytest.mark.parametrize("status", [CheckoutStatus.ACTIVE, CheckoutStatus.PAYING])
    def test_with_an_open_checkout_stays(self, status):
        Checkout.objects.create(cart=closed(), status=status, expires_at=timezone.now())
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Cart.objects.get().email == ADA

    def test_somebody_came_back_to_between_the_look_and_the_lock_stays(self):
        cart = closed()
        let_a_year_pass()
        statements = count()

        def come_back(execute, sql, params, many, context):
            if sql.startswith("SELECT") and next(statements) == 2:  # it was seen to be over, and is locked by now
                Checkout.objects.create(cart=cart, expires_at=timezone.now())
            return execute(sql, params, many, context)

        with connection.execute_wrapper(come_back):
            assert of_checkouts.anonymise(before()) == 0
        assert Cart.objects.get().email == ADA


class TestABoughtCart:
    @pytest.fixture
    def bought(self) -> Order:
        session = ready_session()
        pay(session)
        return checkout_of(session).order

    def test_goes_once_its_order_is_forgotten_and_the_order_stays(self, bought):
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Cart.objects.count() == 1, "the order bears a name yet"
        forget_payers()
        tasks.forget_shoppers()
        assert [model.objects.count() for model in (Cart, Checkout)] == [0, 0]
        bought.refresh_from_db()
        assert (bought.email, bought.cart, bought.lines.count()) == ("", None, 1)

    def test_stays_with_its_checkout_while_its_payment_is_in_doubt(self, bought):
        Payment.objects.update(status=PaymentStatus.PROCESSING)
        let_a_year_pass()
        forget_payers()
        tasks.forget_shoppers()
        assert Cart.objects.get().email == Order.objects.get().email != ""
        assert Checkout.objects.get().shipping_address


class TestMails:
    @pytest.fixture
    def mailed(self) -> Cart:
        """One mail sent, one skipped; clicked; the cart was given up later."""
        make_sequence(HOUR, 2 * HOUR)
        cart = make_abandoned(full_name="Ada")
        time = Time()
        time.run()
        time.on(hours=1.5).run()
        Click.objects.create(link=RecoveryLink.objects.get())
        time.on(hours=1).run()
        assert list(Message.objects.values_list("outcome", flat=True)) == [Outcome.SKIPPED, Outcome.SENT]
        Cart.objects.update(status=CartStatus.EXPIRED)
        Message.objects.update(error="550 no ada@example.com")
        return cart

    def test_links_clicks_and_what_was_never_sent_go(self, mailed):
        let_a_year_pass()
        tasks.forget_shoppers()
        assert [model.objects.count() for model in (RecoveryLink, Click)] == [0, 0]
        message = Message.objects.get()
        assert (message.outcome, message.subject, message.error) == (Outcome.SENT, "", "")
        assert message.enrolment.person == ""

    def test_the_link_that_ends_the_mails_works_for_ever(self, mailed, client):
        url = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
        let_a_year_pass()
        tasks.forget_shoppers()
        assert client.post(url).status_code == 200
        assert Suppression.objects.get().person == email_key(ADA)

    def test_an_enrolment_without_a_sent_mail_goes_whole(self):
        make_sequence()
        make_abandoned()
        Time().run()
        Enrolment.objects.update(ended_at=timezone.now(), ended_because=Reason.EXPIRED)
        Cart.objects.update(status=CartStatus.EXPIRED)
        let_a_year_pass()
        tasks.forget_shoppers()
        assert not Enrolment.objects.exists()

    def test_a_running_one_and_one_whose_cart_is_here_stay(self, mailed):
        Cart.objects.update(status=CartStatus.ACTIVE)
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Enrolment.objects.get().person == email_key(ADA)
        Cart.objects.all().delete()
        Enrolment.objects.update(ended_at=None)
        assert retention.forget_enrolments(before()) == 0

    @pytest.mark.parametrize("outcome", [Outcome.WAITING, Outcome.HANDING_OVER])
    def test_a_mail_that_is_on_its_way_stays(self, mailed, outcome):
        Message.objects.filter(outcome=Outcome.SENT).update(outcome=outcome)
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Message.objects.filter(outcome=outcome).get().error


class TestPeople:
    def test_an_objection_never_expires(self):
        suppression.suppress(ADA, SuppressedBecause.COMPLAINED)
        let_a_year_pass()
        Suppression.objects.update(created_at=before())
        tasks.forget_shoppers()
        assert suppression.of_address(ADA).exists()

    def test_a_consent_in_force_is_kept_and_a_withdrawn_one_goes_a_year_later(self):
        for address in (ADA, "bea@example.com"):
            consents.give({"person": email_key(address), "text": "Yes", "text_version": "1"}, at=timezone.now())
        suppression.suppress(ADA, SuppressedBecause.UNSUBSCRIBED)
        tasks.forget_shoppers()
        assert Consent.objects.count() == 2
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Consent.objects.get().person == email_key("bea@example.com")

    def test_who_is_in_which_group_goes_when_nothing_else_is_left_of_them(self):
        make_sequence(HOUR, DAY)
        make_abandoned()
        Time().run()
        for address in (ADA, "bea@example.com"):
            Holdout.objects.create(person=email_key(address), is_held_out=True, percent=10)
        let_a_year_pass()
        tasks.forget_shoppers()
        assert Holdout.objects.get().person == email_key(ADA)

    def test_who_bought_or_was_seen_a_year_ago_is_a_stranger_again(self):
        people.note_purchase(emails=[ADA], now=timezone.now())
        people.locked([email_key("bea@example.com")])
        let_a_year_pass()
        people.note_purchase(emails=["cleo@example.com"], now=timezone.now())
        tasks.forget_shoppers()
        assert set(Identity.objects.values_list("key", flat=True)) == {email_key("cleo@example.com")}

    def test_one_forgotten_at_the_very_moment_it_is_locked_gets_a_row_again(self):
        """A mail must never be decided on without a lock on its person."""
        key, statements = email_key(ADA), count()

        def lose_it(execute, sql, params, many, context):
            if sql.startswith("SELECT") and next(statements) == 0:
                Identity.objects.all().delete()
            return execute(sql, params, many, context)

        with connection.execute_wrapper(lose_it):
            assert people.locked([key]) == {key: None}
        assert Identity.objects.filter(pk=key).exists()


@pytest.mark.parametrize(
    "work",
    [of_checkouts.anonymise, of_checkouts.remove, retention.forget_enrolments, of_carts.forget_identities],
    ids=lambda work: work.__name__,
)
def test_a_batch_costs_as_many_statements_for_many_rows_as_for_few(work):
    def statements(rows: int) -> int:
        sequence = make_sequence(HOUR, name=str(rows))
        for number in range(rows):
            cart = closed()
            Checkout.objects.create(cart=cart, status="expired", expires_at=timezone.now())
            RecoveryLink.objects.create(cart=cart, token_hash=f"{rows}-{number}", expires_at=timezone.now())
            now = timezone.now()
            Enrolment.objects.create(
                sequence=sequence, person="x", spell_at=now, due_at=now, origin_at=now, ended_at=now
            )
            people.locked([f"{rows}-{number}"])
        let_a_year_pass()
        if work is of_checkouts.remove:
            of_checkouts.anonymise(before())
        with CaptureQueriesContext(connection) as caught:
            assert work(before()) == rows
        tasks.forget_shoppers()
        return len(caught)

    assert statements(2) == statements(7)
