"""Both operations, each with everything that can be wrong with a call."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import keys
from accounts.models import ApiKey, Scope
from outbox.models import OutboxEvent
from purchases.models import Purchase
from tests.factories import demo_shop
from tests.purchases.agents import LARGE_BLUE, PERSON, SHIRT_URL, Agent, make_agent, work

pytestmark = pytest.mark.django_db
WANTED = {"url": SHIRT_URL, "user_data": PERSON | {"prompt": LARGE_BLUE}}
UNAUTHORIZED = {"error": "Missing or invalid API key"}
NOT_FOUND = {"error": "Checkout not found"}


@pytest.fixture
def agent() -> Agent:
    return make_agent()


def of_other_scope() -> str:
    return f"Bearer {keys.create(name='A store', scope=Scope.TRACKER)[1]}"


BAD_KEYS = {
    "none": lambda agent: "",
    "another kind": lambda agent: f"Basic {agent.secret}",
    "without its kind": lambda agent: agent.secret,
    "nonsense": lambda agent: "Bearer nonsense",
    "empty": lambda agent: "Bearer ",
    "two words": lambda agent: f"Bearer {agent.secret} {agent.secret}",
    "very long": lambda agent: f"Bearer {'k' * 5000}",
    "not ASCII": lambda agent: "Bearer clé",
    "of another API": lambda agent: of_other_scope(),
}


@pytest.mark.parametrize("bad", BAD_KEYS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_good_key_it_is_401(agent, bad, method):
    given = BAD_KEYS[bad](agent)
    headers = {"Authorization": given} if given else {}
    path = "/v0/checkout" if method == "POST" else f"/v0/checkout/{agent.buy()}"
    before = Purchase.objects.count()
    answer = Client().generic(method, path, b"{}", "application/json", headers=headers)
    assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert Purchase.objects.count() == before


def test_a_revoked_key_opens_nothing_and_a_rotated_one_keeps_its_purchases(agent):
    checkout_id = agent.buy()
    agent.secret = keys.rotate(agent.key)
    assert agent.get(checkout_id).status_code == 200
    keys.revoke(agent.key.pk)
    assert agent.get(checkout_id).status_code == 401
    assert agent.post(WANTED).status_code == 401


def test_the_use_of_a_key_is_noted(agent):
    agent.buy()
    assert ApiKey.objects.get(pk=agent.key.pk).last_used_at is not None


def test_creating_answers_as_documented_and_no_more(agent):
    answer = agent.post(WANTED)
    assert answer.status_code == 200
    body = answer.json()
    assert body == {"checkout_id": str(uuid.UUID(body["checkout_id"])), "status": "processing"}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "url: is required; user_data: is required"),
        ({"url": SHIRT_URL}, "user_data: is required"),
        ({"url": SHIRT_URL, "user_data": None}, "user_data: must not be null"),
        ({"url": SHIRT_URL, "user_data": []}, "user_data: must be an object"),
        ({"url": SHIRT_URL, "user_data": "email"}, "user_data: must be an object"),
        ({"url": 5, "user_data": {}}, "url: must be a text"),
        ({"url": "", "user_data": {}}, "url: must not be empty"),
        ({"url": "a shirt", "user_data": {}}, "url: must be an http or https address"),
        ({"url": "/products/x", "user_data": {}}, "url: must be an http or https address"),
        ({"url": "ftp://a.example/x", "user_data": {}}, "url: must be an http or https address"),
        ({"url": "file:///etc/passwd", "user_data": {}}, "url: must be an http or https address"),
        ({"url": "http://[::1", "user_data": {}}, "url: must be an http or https address"),
        ({"url": "https://a:b@x.example/", "user_data": {}}, "url: must not have a user name or password in it"),
        ({"url": "https://x.example/" + "a" * 2000, "user_data": {}}, "url: must have at most 2000 characters"),
        ({"url": SHIRT_URL, "user_data": {"a": "4242 4242 4242 4242"}}, "user_data: must not hold a card"),
        ({"url": SHIRT_URL, "user_data": {"card": {"cvv": "123"}}}, "user_data: must not hold a card"),
        ({"url": SHIRT_URL, "user_data": {"max_amount": "a lot"}}, "user_data.max_amount: must be an amount"),
        ({"url": SHIRT_URL, "user_data": {"max_amount": -1}}, "user_data.max_amount: must be an amount"),
        ({"url": SHIRT_URL, "user_data": {"max_amount": True}}, "user_data.max_amount: must be an amount"),
        ({"url": SHIRT_URL, "user_data": {"max_amount": "1e3"}}, "user_data.max_amount: must be an amount"),
        ([], "The body must be a JSON object."),
        ({"url": "https://x.example/%34111111111111111", "user_data": {}}, "url: must not hold a card number"),
        (
            {"url": SHIRT_URL, "user_data": {}, "card": {"number": "4111111111111111", "cvc": "123"}},
            "The body must not hold a card's number or security code.",
        ),
        ({"url": SHIRT_URL, "user_data": {}, "cvv": "123"}, "The body must not hold a card's"),
        ({"url": SHIRT_URL, "user_data": {}, "max_amount": 5}, "max_amount: belongs into user_data"),
        ({"url": SHIRT_URL, "user_data": {}, "quantity": 2}, "quantity: belongs into user_data"),
        ({"url": SHIRT_URL, "user_data": {}, "shipping_address": {"city": "x"}}, "shipping_address: belongs into"),
        ({"url": SHIRT_URL, "user_data": {}, "dryRun": True}, "dryRun: belongs into user_data"),
        *(
            ({"url": SHIRT_URL, "user_data": {name: "a lot"}}, "user_data.max_amount: must be an amount")
            for name in ("maxAmount", "max-amount", "MAX_AMOUNT", "max_price", "budget")
        ),
        ({"url": SHIRT_URL, "user_data": {"max_amount": "49.9999"}}, "user_data.max_amount: must be an amount"),
        ({"url": SHIRT_URL, "user_data": {"max_amount": {"amount": 5}}}, "user_data.max_amount: must be an amount"),
        ({"url": SHIRT_URL, "user_data": {"max_amount": 5, "budget": 6}}, "user_data.max_amount: is given twice"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_and_nothing_begins(agent, body, message):
    answer = agent.post(body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"].startswith(message)
    assert not Purchase.objects.exists()
    assert not OutboxEvent.objects.exists()


NOT_READ: list[tuple[dict[str, object], str]] = [
    ({"constraints": {"max_amount": 5}}, "constraints.max_amount"),
    ({"rules": [{"budget": 5}]}, "rules.budget"),
    ({"max_amount_cents": 500}, "max_amount_cents"),
    ({"maxamountusd": 5}, "maxamountusd"),
    ({"spending-limit-usd": 5}, "spending-limit-usd"),
    ({"expected_price": 5}, "expected_price"),
    ({"items": [{"quantity": 3}]}, "items"),
    ({"product": {"quantity": 3}}, "product"),
    ({"order": {"qty": 3}}, "order.qty"),
    ({"units": 2}, "units"),
    ({"itemQuantity": 2}, "itemQuantity"),
    ({"dry_run": True}, "dry_run"),
    ({"test": True}, "test"),
    ({"gift_wrap": True}, "gift_wrap"),
    ({"confirm": False}, "confirm"),
    ({"buy": "no"}, "buy"),
    ({"cancel": True}, "cancel"),
    ({"discount": "SUMMER25"}, "discount"),
    ({"voucher_code": "SUMMER25"}, "voucher_code"),
    ({"order": {"discountCode": "SUMMER25"}}, "order.discountCode"),
    ({"preferences": {"size": "L"}}, "preferences.size"),
    ({"preferences": {"shipping_method": "express"}}, "preferences.shipping_method"),
    ({"order": {"shipping_address": {"city": "x"}}}, "order.shipping_address"),
    ({"request": {"prompt": "Size Large"}}, "request.prompt"),
    ({"customer": "Ada Lovelace"}, "customer"),
    ({"cap": 5}, "cap"),
    ({"number_of_items": 3}, "number_of_items"),
    ({"do_not_buy": True}, "do_not_buy"),
    ({"expedited": True}, "expedited"),
    ({"variantTitle": "Large"}, "variantTitle"),
    ({"ship_to": "5 Elm Street, Springfield"}, "ship_to"),
]


@pytest.mark.parametrize(("user_data", "name"), NOT_READ)
def test_what_means_something_and_is_not_read_is_refused(agent, user_data, name):
    answer = agent.post({"url": SHIRT_URL, "user_data": PERSON | user_data})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"user_data.{name}: means something for a purchase")
    assert not Purchase.objects.exists()


def test_what_means_nothing_for_a_purchase_is_ignored(agent):
    ignored = {
        "note": "5", "reference": "A-1", "metadata": {"campaign": 7, "source": {"id": 1}}, "language": "en",
        "billing_address": {"city": "x"}, "billing": {"address": {"city": "x"}}, "dry_run": False, "items": [],
        "discount": "", "confirm": True, "max_amount": None, "callback_url": "https://x.example/",
    }  # fmt: skip
    demo_shop()
    body = WANTED | {"user_data": WANTED["user_data"] | ignored, "idempotency": "x", "source": {"name": "y"}}
    checkout_id = agent.post(body).json()["checkout_id"]
    work()
    assert agent.get(checkout_id).json()["status"] == "completed"


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"url": NaN}', "application/json", 400),
        (b'{"url": "\\ud800"}', "application/json", 400),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", 400),
        (b" " * (256 * 1024 + 1), "application/json", 413),
        (b"url=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
    ],
)
def test_what_cannot_be_read_is_refused_in_json(agent, raw, kind, status):
    answer = Client().post("/v0/checkout", raw, kind, headers=agent.headers)
    assert (answer.status_code, set(answer.json())) == (status, {"error"})


@pytest.mark.parametrize(
    ("path", "has"), [("/v0/checkout", "POST"), (f"/v0/checkout/{uuid.uuid4()}", "GET")], ids=["all", "one"]
)
def test_another_method_is_405_and_says_which_there_are(agent, path, has):
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {has}:
        answer = Client().generic(method, path, headers=agent.headers)
        assert (answer.status_code, set(answer.json())) == (405, {"error"}), method
        assert has in answer["Allow"]
    assert Client().options(path, headers=agent.headers).status_code == 204


@pytest.mark.parametrize(
    "what", ["5", "nonsense", "a8043a0dbb944d26aa9f8ca02ad146fd", str(uuid.UUID(int=0)), "é", "x" * 999]
)
def test_an_unknown_id_is_404(agent, what):
    answer = agent.get(what)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_anothers_purchase_is_404(agent):
    answer = make_agent("Another").get(agent.buy())
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestRepeated:
    def test_with_an_idempotency_key_it_buys_once(self, agent):
        demo_shop()
        first = agent.post(WANTED, **{"Idempotency-Key": "one"})
        again = agent.post(WANTED, **{"Idempotency-Key": "one"})
        assert first.json() == again.json()
        assert again["Idempotent-Replayed"] == "true"
        work()
        assert agent.post(WANTED, **{"Idempotency-Key": "one"}).json() == first.json()
        assert Purchase.objects.count() == 1

    def test_without_one_it_buys_again(self, agent):
        assert agent.buy() != agent.buy()

    def test_the_key_belongs_to_its_agent(self, agent):
        mine = agent.post(WANTED, **{"Idempotency-Key": "one"}).json()
        assert make_agent("Another").post(WANTED, **{"Idempotency-Key": "one"}).json() != mine

    def test_with_another_body_it_is_refused(self, agent):
        agent.post(WANTED, **{"Idempotency-Key": "one"})
        answer = agent.post(WANTED | {"url": "https://x.example/"}, **{"Idempotency-Key": "one"})
        assert (answer.status_code, set(answer.json())) == (422, {"error"})

    def test_a_refused_body_is_refused_again(self, agent):
        answers = [agent.post({}, **{"Idempotency-Key": "one"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert agent.post(WANTED, **{"Idempotency-Key": "one"}).status_code == 422


def test_asking_again_and_again_changes_nothing(agent):
    demo_shop()
    checkout_id = agent.buy()
    work()
    answers = {str(agent.get(checkout_id).json()) for _ in range(3)}
    assert len(answers) == 1


def test_a_call_takes_a_constant_number_of_queries(agent):
    checkout_id = agent.buy()
    with CaptureQueriesContext(connection) as asked:
        agent.get(checkout_id)
    for _ in range(5):
        agent.buy()
    with CaptureQueriesContext(connection) as later:
        agent.get(checkout_id)
    assert len(asked) == len(later) == 2
    with CaptureQueriesContext(connection) as creating:
        agent.buy()
    assert len(creating) <= 5
