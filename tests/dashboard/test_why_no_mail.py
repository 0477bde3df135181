"""An abandoned cart in no sequence says so on its timeline, and why: nothing else would tell that no mail will go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from carts.models import Cart, Door
from tests.admin_rows import staff_with
from tests.dashboard.pressed import page
from tests.factories import demo_shop
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, make_sequence

SAID = "In no sequence: no recovery mail"


@pytest.fixture(autouse=True)
def shop(db, settings):
    settings.RECOVERY_AUDIENCE = "all"
    return demo_shop()


def left(**values: object) -> Cart:
    return make_abandoned(ago=timedelta(hours=1), **values)


def looked_at(**values: object) -> Cart:
    cart = left(**values)
    Time().run()
    return cart


def test_mails_are_switched_off(admin_client, settings):
    settings.RECOVERY_AUDIENCE = "off"
    make_sequence()
    html = page(admin_client, looked_at())
    assert SAID in html
    assert "Recovery mails are switched off" in html


def test_no_sequence_is_on(admin_client):
    assert "No sequence is on" in page(admin_client, looked_at())


def test_it_was_abandoned_before_a_sequence_was_switched_on(admin_client):
    make_sequence(on_for=timedelta(minutes=1))
    assert "It was abandoned before a sequence was switched on" in page(admin_client, looked_at())


def test_staff_filled_it_in(admin_client):
    make_sequence(3600)
    assert "Staff filled it in" in page(admin_client, looked_at(door=Door.STAFF))


def test_it_was_over_before_anybody_looked(admin_client):
    make_sequence(3600)
    cart = left()
    Cart.objects.filter(pk=cart.pk).update(status="expired")
    assert "It was over before anybody looked" in page(admin_client, cart)


def test_one_that_waits_to_be_looked_at_says_nothing_yet(admin_client):
    make_sequence(3600)
    assert SAID not in page(admin_client, left())


def test_one_in_a_sequence_says_nothing_of_the_kind(admin_client):
    make_sequence(3600)
    html = page(admin_client, looked_at())
    assert "In the sequence" in html
    assert SAID not in html


def test_one_that_was_never_abandoned_says_nothing(admin_client):
    cart = Cart.objects.create(currency="USD", email="ada@example.com", last_activity_at=timezone.now())
    assert SAID not in page(admin_client, cart)


def test_who_may_not_see_sequences_is_not_told(client):
    client.force_login(staff_with("carts.view_cart"))
    html = page(client, looked_at())
    assert "Cart abandoned" in html
    assert SAID not in html
