"""A write with an Idempotency-Key is done once and answered as often as it is asked for."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from common import idempotency
from common.models import IdempotencyRecord
from dialects.guest import COOKIE
from tests.dialects import shop

pytestmark = [pytest.mark.urls("tests.dialects.shop"), pytest.mark.django_db]
BOTH = pytest.mark.parametrize("path", ["/api/items", "/api/complete"])
GOOD = {"quantity": 1}


@pytest.fixture(autouse=True)
def _no_fault():
    shop.FAULT.clear()
    yield
    shop.FAULT.clear()


def shopper() -> APIClient:
    client = APIClient(raise_request_exception=False)
    session = uuid.uuid4()
    shop.KNOWN.add(session)
    client.cookies[COOKIE] = str(session)
    return client


@pytest.fixture
def client() -> APIClient:
    return shopper()


def send(client, path, body=None, key="key-1"):
    return client.post(path, GOOD if body is None else body, HTTP_IDEMPOTENCY_KEY=key)


@BOTH
def test_a_repeat_gets_the_same_answer_and_does_nothing(client, path):
    first, second = send(client, path), send(client, path)
    assert (second.status_code, second.content) == (201, first.content)
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert User.objects.count() == 1


def test_an_answer_without_a_body_is_repeated_too(client):
    for _ in range(2):
        answer = client.delete("/api/items", HTTP_IDEMPOTENCY_KEY="k")
        assert (answer.status_code, answer.content) == (204, b"")
    assert User.objects.count() == 1


@BOTH
def test_another_body_under_the_same_key_is_refused(client, path):
    send(client, path)
    answer = send(client, path, {"quantity": 2})
    assert answer.status_code == 422
    assert answer.json()["error"] == "This Idempotency-Key was used with another body."
    assert send(client, path).status_code == 201


def test_another_query_under_the_same_key_is_refused(client):
    send(client, "/api/items?variant_id=7")
    assert send(client, "/api/items?variant_id=8").status_code == 422


def test_a_body_differing_in_order_and_blanks_is_the_same(client):
    one = client.generic("POST", "/api/items", '{"quantity":1,"x":1.50}', "application/json", HTTP_IDEMPOTENCY_KEY="k")
    two = client.generic(
        "POST", "/api/items", '{ "x": 1.5, "quantity": 1}', "application/json", HTTP_IDEMPOTENCY_KEY="k"
    )
    assert one.content == two.content
    assert two["Idempotent-Replayed"] == "true"


@BOTH
@pytest.mark.parametrize(("fault", "status"), [("payment", 422), ("body", 400)])
def test_a_refusal_that_judges_the_body_is_repeated_and_leaves_nothing_done(client, path, fault, status):
    body = GOOD
    if fault == "body":
        body = {"quantity": "1"}
    else:
        shop.FAULT.append(fault)
    first = send(client, path, body)
    shop.FAULT.clear()
    second = send(client, path, body)
    assert (first.status_code, second.status_code, second.content) == (status, status, first.content)
    assert second["Idempotent-Replayed"] == "true"
    if path == "/api/items":
        assert User.objects.count() == 0


@BOTH
@pytest.mark.parametrize(
    ("fault", "status"),
    [("missing", 404), ("declined", 402), ("stock", 400), ("busy", 409), ("completed", 409), ("bug", 500)],
)
def test_a_refusal_that_can_pass_is_not_kept_and_the_key_can_be_used_again(client, path, fault, status):
    shop.FAULT.append(fault)
    assert send(client, path).status_code == status
    assert IdempotencyRecord.objects.count() == 0
    shop.FAULT.clear()
    done = User.objects.count()
    assert send(client, path).status_code == 201
    assert User.objects.count() == done + 1


def test_a_refused_ordinary_write_takes_its_work_back(client):
    shop.FAULT.append("stock")
    send(client, "/api/items")
    assert User.objects.count() == 0


def test_without_the_header_every_write_is_done_and_nothing_is_stored(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.post("/api/items", GOOD)
    client.post("/api/items", GOOD)
    assert User.objects.count() == 2
    assert IdempotencyRecord.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "ü", "a\tb", "a\x7f"])
def test_a_malformed_key_is_refused(client, key):
    answer = send(client, "/api/items", key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["error"]
    assert User.objects.count() == 0


def test_a_key_of_255_characters_is_taken(client):
    assert send(client, "/api/items", key="~" * 255).status_code == 201


def test_a_key_belongs_to_one_path_one_method_and_one_shopper(client):
    send(client, "/api/items")
    send(client, "/api/other")
    client.delete("/api/items", HTTP_IDEMPOTENCY_KEY="key-1")
    send(shopper(), "/api/items")
    assert User.objects.count() == 4


def test_a_first_write_without_a_session_is_repeated_for_the_session_it_made():
    client = APIClient()
    first = send(client, "/api/items")
    assert client.cookies[COOKIE].value
    second = send(client, "/api/items")
    assert (second.content, second["Idempotent-Replayed"]) == (first.content, "true")
    assert User.objects.count() == 1


def test_a_stranger_with_the_same_key_never_gets_somebody_elses_session():
    one, two = APIClient(), APIClient()
    first, second = send(one, "/api/items"), send(two, "/api/items")
    assert second.content != first.content
    assert "Idempotent-Replayed" not in second
    assert one.cookies[COOKIE].value != two.cookies[COOKIE].value


def test_a_made_up_session_is_not_the_one_the_answer_is_kept_for():
    made_up = str(uuid.uuid4())
    client = APIClient()
    client.cookies[COOKIE] = made_up
    first = send(client, "/api/items")
    assert client.cookies[COOKIE].value != made_up
    assert send(client, "/api/items").content == first.content
    stranger = APIClient()
    stranger.cookies[COOKIE] = made_up
    assert send(stranger, "/api/items").content != first.content


def test_after_a_day_a_key_is_new_again(client):
    send(client, "/api/items")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert "Idempotent-Replayed" not in send(client, "/api/items", {"quantity": 2})
    assert User.objects.count() == 2
    assert IdempotencyRecord.objects.count() == 1


def leave_behind(client, *, seconds_left: float, body=GOOD) -> None:
    """What a process leaves that died while it was completing."""
    scope = idempotency.scope_of(
        api="guest", caller=client.cookies[COOKIE].value, method="POST", path="/api/complete", key="key-1"
    )
    IdempotencyRecord.objects.create(
        scope=scope,
        fingerprint=idempotency.fingerprint_of(body),
        locked_until=timezone.now() + timedelta(seconds=seconds_left),
    )


def test_while_the_first_is_at_work_the_key_is_in_use(client):
    leave_behind(client, seconds_left=30)
    answer = send(client, "/api/complete")
    assert answer.status_code == 409
    assert "still being worked on" in answer.json()["error"]
    assert User.objects.count() == 0


def test_what_a_crash_left_behind_is_taken_over_after_its_lease(client):
    leave_behind(client, seconds_left=-1)
    assert send(client, "/api/complete").status_code == 201
    assert send(client, "/api/complete")["Idempotent-Replayed"] == "true"
    assert User.objects.count() == 1


def test_what_a_crash_left_behind_is_not_taken_over_by_another_body(client):
    leave_behind(client, seconds_left=-1)
    assert send(client, "/api/complete", {"quantity": 2}).status_code == 422


def test_who_was_overtaken_does_not_store_over_the_one_who_took_over(client):
    call = idempotency.Call("s", "f")

    def slow():
        IdempotencyRecord.objects.update(locked_until=timezone.now() + timedelta(seconds=99))
        return idempotency.Outcome(idempotency.Answer(201, "old"), "s")

    idempotency.claimed_first(call, slow)
    assert IdempotencyRecord.objects.get().status is None


def test_no_column_holds_a_card_number_or_a_security_code(client):
    card = {"card_number": "4111111111111111", "cvv": "737", "token": "tok_visa"}
    bodies = [{"quantity": 1, "payment_data": {"card_details": card}, "cards": [card]}, {"quantity": "x", "cvv": "737"}]
    for number, body in enumerate(bodies):
        send(client, "/api/items", body, key=f"a{number}")
        send(client, "/api/complete", body, key=f"b{number}")
    rows = list(IdempotencyRecord.objects.values_list())
    assert len(rows) == 4
    digests = {idempotency.fingerprint_of(body) for body in bodies}
    other = {**card, "card_number": "4242424242424242", "cvv": "1"}
    without = [{"quantity": 1, "payment_data": {"card_details": other}, "cards": [other]}, {"quantity": "x"}]
    assert digests == {idempotency.fingerprint_of(body) for body in without}  # they do not even enter the digest
    for row in rows:
        text = " ".join(str(value) for value in row if not hasattr(value, "year"))
        assert "4111111111111111" not in text
        assert '"737"' not in text


def test_expired_records_are_purged_in_batches_and_young_ones_stay(django_assert_max_num_queries):
    old = timezone.now() - timedelta(hours=25)
    IdempotencyRecord.objects.bulk_create(IdempotencyRecord(scope=f"o{n}", created_at=old) for n in range(25))
    IdempotencyRecord.objects.create(scope="young")
    with django_assert_max_num_queries(7):
        assert idempotency.purge_expired(batch=10) == 25
    assert IdempotencyRecord.objects.get().scope == "young"
