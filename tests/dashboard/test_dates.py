"""Moments and days are written one way on every page of the admin, in the shop's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from axes.models import AccessAttempt
from django.utils.translation import override

from carts.models import Cart
from common import moments
from payments.models import PaymentLink
from tests.browser.admin_pages import addresses, client_of, is_page, member, shop_with_everything
from tests.checkouts.shopping import pay, ready_session
from tests.dashboard.pressed import page
from tests.factories import demo_shop

NIGHT = datetime(2026, 11, 28, 0, 0, 7, tzinfo=UTC)
# 1 a.m.; Nov. 28, 2026; 11/28/2026; 2026-11-28 01:00; the zone's name
OTHER_WAYS = re.compile(
    r"\b[ap]\.m\.|\b(?:midnight|noon)\b|\b[A-Z][a-z]+\.? \d{1,2}, 20\d\d|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
    r"|\b20\d\d-\d\d-\d\d[ T]\d\d|\b\d\d:\d\d UTC"
)
UNSEEN = re.compile(r"<(script|style|template|textarea)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.mark.django_db
def test_a_moment_is_written_with_its_minutes_in_the_shops_time_zone(settings):
    settings.TIME_ZONE = "Europe/Copenhagen"
    assert moments.written(NIGHT) == "28 Nov 2026, 01:00"
    with override("de"):
        assert moments.written(NIGHT) == "28. November 2026 01:00"


@pytest.mark.django_db
def test_a_list_a_page_and_a_timeline_write_the_same(admin_client, settings):
    settings.TIME_ZONE = "Europe/Copenhagen"
    demo_shop()
    order = pay(ready_session()).order
    PaymentLink.objects.create(
        token_hash="x", owner=f"order:{order.pk}", amount=1, currency="USD", expires_at=NIGHT, ended_at=NIGHT
    )
    Cart.objects.update(created_at=NIGHT)
    assert "28 Nov 2026, 01:00<" in admin_client.get("/admin/carts/cart/").content.decode()
    html = page(admin_client, Cart.objects.get())
    assert "28 Nov 2026, 01:00<" in html
    assert "28 Nov 2026, 01:00:07</time>" in html
    assert "Ended 28 Nov 2026, 01:00<" in page(admin_client, order)


@pytest.mark.once
@pytest.mark.timeout(300)
def test_no_page_writes_one_another_way(transactional_db):
    shop_with_everything()
    client = client_of(member("owner"))
    others: dict[str, set[str]] = {}
    for address in addresses():
        if address.model is AccessAttempt and not address.is_list:  # its name for itself is not ours
            continue
        answer = client.get(address.path)
        if is_page(answer) and (found := OTHER_WAYS.findall(UNSEEN.sub(" ", answer.content.decode()))):
            others[address.path] = set(found)
    assert others == {}
