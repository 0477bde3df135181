"""Ten requests with one key at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import User
from tests.dialects import shop
from tests.dialects.test_idempotent_writes import send, shopper

pytestmark = [pytest.mark.urls("tests.dialects.shop"), pytest.mark.django_db(transaction=True)]
TOGETHER = 10


def race(path: str, key: str | None = "key-1") -> list:
    client = shopper()
    cookies = client.cookies.output()
    barrier = Barrier(TOGETHER)

    def one(_):
        twin = shopper()
        twin.cookies.load(client.cookies.output(header=""))
        barrier.wait()
        try:
            return send(twin, path, key=key) if key else twin.post(path, {"quantity": 1})
        finally:
            connection.close()

    assert cookies
    shop.SLOW.set()
    try:
        with ThreadPoolExecutor(TOGETHER) as pool:
            return list(pool.map(one, range(TOGETHER)))
    finally:
        shop.SLOW.clear()


def test_without_a_key_all_ten_are_done():
    assert [answer.status_code for answer in race("/api/items", key=None)] == [201] * TOGETHER
    assert User.objects.count() == TOGETHER


def test_ordinary_writes_wait_for_the_first_and_get_its_answer():
    answers = race("/api/items")
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == TOGETHER - 1
    assert User.objects.count() == 1


def test_claimed_work_is_done_by_one_and_the_others_are_told_or_answered_again():
    answers = race("/api/complete")
    own = [answer for answer in answers if answer.status_code == 201 and "Idempotent-Replayed" not in answer]
    rest = [answer for answer in answers if answer not in own]
    assert len(own) == 1
    assert {answer.status_code for answer in rest} <= {201, 409}
    assert all(answer.content == own[0].content for answer in rest if answer.status_code == 201)
    assert User.objects.count() == 1
