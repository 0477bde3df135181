"""Acts on ticked rows: asked first, for those who may, done to each once, said and written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail

from carts import people
from carts.models import Cart
from carts.states import CartStatus
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from dashboard import bulk
from payments.models import PaymentLink
from recovery.mailer import MailServerAway
from recovery.models import Enrolment, Message
from tests.admin_rows import staff_with
from tests.checkouts.shopping import ready_session
from tests.dashboard.pressed import noted, page
from tests.dashboard.ticked import ask, choose, confirm, confirmation
from tests.payments.builders import make_order
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, log, make_sequence

VIEW = ("carts.view_cart", "checkouts.view_checkout", "orders.view_order")
MAY = {
    "mail_selected": "recovery.send_mail_now",
    "link_selected": "carts.change_cart",
    "expire_selected": "carts.change_cart",
}


@pytest.fixture
def left(shop) -> list[Cart]:
    """Two carts whose first mail is due in an hour."""
    make_sequence()
    carts = [make_abandoned(f"ada.{number}@example.com") for number in (1, 2)]
    Time().run()
    return carts


@pytest.fixture
def shop(db):
    from tests.factories import demo_shop

    return demo_shop()


def recipients() -> list[str]:
    return sorted(message.to[0] for message in mail.outbox)


class TestMoreThanAtOnce:
    def test_are_cut_and_the_page_says_so(self, admin_client, left, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
        asked = ask(admin_client, "expire_selected", *left).content.decode()
        assert "these are the first 1. Do it once more for the others." in asked
        assert str(left[1]) not in asked
        assert "1 cart given up." in choose(admin_client, "expire_selected", *left)

    def test_are_not_spoken_of_where_all_fit(self, admin_client, left):
        assert "more for the others" not in ask(admin_client, "expire_selected", *left).content.decode()


class TestMailsNow:
    def test_go_before_their_time(self, admin_client, left):
        assert "2 mails sent." in choose(admin_client, "mail_selected", *left)
        assert recipients() == ["ada.1@example.com", "ada.2@example.com"]
        assert log() == [("sent", "")] * 2

    def test_the_same_page_sent_twice_sends_once_whatever_the_gap(self, admin_client, left, settings):
        settings.RECOVERY_MIN_GAP_SECONDS = 0
        typed = confirmation(ask(admin_client, "mail_selected", *left), *left)
        confirm(admin_client, typed, left[0])
        html = confirm(admin_client, typed, left[0])
        assert "0 mails sent." in html
        assert "2 not: Sent already by this press" in html
        assert (len(mail.outbox), len(noted())) == (2, 2)

    def test_pressed_anew_they_are_too_close_and_the_step_is_not_lost(self, admin_client, left):
        for _ in range(2):
            html = choose(admin_client, "mail_selected", *left)
        assert "2 not: They had another recovery mail a short while ago" in html
        assert Message.objects.count() == len(mail.outbox) == 2
        time = Time().on(hours=24.5)
        assert time.run() == 2

    def test_nobody_who_has_bought_is_written_to(self, admin_client, left):
        people.note_purchase(emails=["ADA.1@example.com"], now=Time().now)
        html = choose(admin_client, "mail_selected", *left)
        assert "1 not: They have bought meanwhile" in html
        assert recipients() == ["ada.2@example.com"]

    def test_a_purchase_between_the_look_and_the_claim_is_seen(self, admin_client, left, monkeypatch):
        from recovery import sending

        written = sending.write

        def bought_meanwhile(case, clock):
            people.note_purchase(emails=[case.cart.email], now=clock())
            return written(case, clock)

        monkeypatch.setattr(sending, "write", bought_meanwhile)
        assert "2 not: They have bought meanwhile" in choose(admin_client, "mail_selected", *left)
        assert mail.outbox == []
        assert noted() == []

    def test_what_stands_against_it_now_changes_nothing_for_later(self, admin_client, left, settings):
        settings.RECOVERY_AUDIENCE = "off"
        before = list(Enrolment.objects.values())
        assert "Recovery mails are switched off" in choose(admin_client, "mail_selected", *left)
        assert (list(Enrolment.objects.values()), Message.objects.count()) == (before, 0)

    def test_a_cart_in_no_sequence_says_so(self, admin_client, shop):
        cart = make_abandoned()
        assert "the next sweep puts it into a sequence" in choose(admin_client, "mail_selected", cart)
        Cart.objects.update(is_followed_up=True)
        assert "It is in no sequence" in choose(admin_client, "mail_selected", cart)
        Cart.objects.update(status=CartStatus.ACTIVE)
        assert "It is active" in choose(admin_client, "mail_selected", cart)

    def test_a_mail_server_that_is_away_is_said_and_nothing_is_claimed(self, admin_client, left, monkeypatch):
        def away(self):
            raise MailServerAway("refused")

        monkeypatch.setattr("recovery.mailer.Mailer.__enter__", away)
        assert "The mail server could not be reached: refused" in choose(admin_client, "mail_selected", *left)
        assert Message.objects.count() == 0

    def test_what_there_is_no_time_for_is_said(self, admin_client, left, monkeypatch):
        monkeypatch.setattr(bulk.run, "__kwdefaults__", {"seconds": 0})
        assert "There was no time left for it" in choose(admin_client, "mail_selected", *left)
        assert mail.outbox == []

    def test_they_are_on_the_timeline_with_who_wanted_them(self, admin_client, left):
        choose(admin_client, "mail_selected", left[0])
        assert noted() == ["Sent the recovery mail before its time: Step 1"]
        assert noted()[0] in page(admin_client, left[0])


class TestExpiringCarts:
    def test_ends_their_mails(self, admin_client, left):
        assert "2 carts given up." in choose(admin_client, "expire_selected", *left)
        Time().on(hours=2).run()
        assert mail.outbox == []

    def test_twice_is_once_in_the_log(self, admin_client, left):
        for _ in range(2):
            html = choose(admin_client, "expire_selected", left[0])
        assert "1 not: It was so already" in html
        assert noted() == ["Given up. Before: abandoned. After: expired."]
        assert noted()[0] in page(admin_client, left[0])

    def test_somebody_shopping_is_left_alone_and_the_others_are_done(self, admin_client, left):
        Cart.objects.filter(pk=left[0].pk).update(status=CartStatus.ACTIVE)
        html = choose(admin_client, "expire_selected", *left)
        assert "1 cart given up." in html
        assert f"cannot become expired ({left[0].pk})." in html


class TestLinks:
    def test_are_made_once_for_each_cart(self, admin_client, left):
        assert "2 new payment link" in choose(admin_client, "link_selected", *left)
        assert "2 not: It was so already" in choose(admin_client, "link_selected", *left)
        assert PaymentLink.objects.count() == len(noted()) == 2
        assert noted()[0] in page(admin_client, left[0])

    def test_are_made_once_for_each_order(self, admin_client, shop):
        order = make_order()
        for done in ("1 new payment link:", "0 new payment links:"):
            assert done in choose(admin_client, "link_selected", order)
        assert PaymentLink.objects.get().order == order

    def test_are_made_once_for_each_checkout_that_lacks_nothing(self, admin_client, shop):
        checkout = Checkout.objects.get(session_key=ready_session())
        for done in ("1 new payment link:", "0 new payment links:"):
            assert done in choose(admin_client, "link_selected", checkout)
        Checkout.objects.update(shipping_method=None)
        assert "Missing: shipping" in choose(admin_client, "link_selected", checkout)


@pytest.mark.parametrize(("action", "permission"), MAY.items())
class TestWhoMay:
    def test_only_with_its_permission(self, client, left, action, permission):
        client.force_login(staff_with(*VIEW))
        answer = ask(client, action, *left)
        assert "confirmed" not in answer.content.decode()
        confirm(client, {"action": action, "confirmed": "1", "_selected_action": [left[0].pk]}, left[0])
        assert (mail.outbox, PaymentLink.objects.count(), LogEntry.objects.count()) == ([], 0, 0)
        assert set(Cart.objects.values_list("status", flat=True)) == {CartStatus.ABANDONED}

    def test_with_it_no_more_is_needed(self, client, left, action, permission):
        client.force_login(staff_with("carts.view_cart", permission))
        choose(client, action, *left)
        assert LogEntry.objects.count() == 2

    def test_it_is_asked_first(self, admin_client, left, action, permission):
        assert str(left[0]) in ask(admin_client, action, *left).content.decode()
        assert (mail.outbox, LogEntry.objects.count()) == ([], 0)

    @pytest.mark.parametrize("odd", [{"pressed_at": "yesterday"}, {"request_key": ""}, {"pressed_at": "9" * 50}])
    def test_what_is_not_understood_is_asked_again(self, admin_client, left, action, permission, odd):
        typed = confirmation(ask(admin_client, action, *left), *left)
        html = confirm(admin_client, typed | odd, left[0])
        assert "please confirm once more" in html
        assert (mail.outbox, LogEntry.objects.count()) == ([], 0)


def test_the_list_stays_narrowed_afterwards(admin_client, left):
    typed = confirmation(ask(admin_client, "expire_selected", left[0], query="?status__exact=abandoned"), left[0])
    answer = admin_client.post("/admin/carts/cart/", typed)
    assert answer["Location"] == "/admin/carts/cart/?status__exact=abandoned"


def test_it_never_leads_elsewhere(admin_client, left):
    typed = confirmation(ask(admin_client, "expire_selected", left[0]), left[0])
    answer = admin_client.post("/admin/carts/cart/", typed | {"back": "//evil.example/?x=1"})
    assert answer["Location"].startswith("/admin/carts/cart/?")


def test_checkouts_are_ended_once_with_an_entry_on_their_timeline(admin_client, shop):
    checkout = Checkout.objects.get(session_key=ready_session())
    for _ in range(2):
        choose(admin_client, "expire_selected", checkout)
    assert noted() == ["Ended. Before: active. After: expired."]
    assert noted()[0] in page(admin_client, checkout)
    Checkout.objects.update(expires_at=Time().now - timedelta(hours=1))
    for _ in range(2):
        choose(admin_client, "reopen_selected", checkout)
    checkout.refresh_from_db()
    assert (checkout.status, len(noted())) == (CheckoutStatus.ACTIVE, 2)
