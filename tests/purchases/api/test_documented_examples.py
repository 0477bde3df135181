"""The document's own curl lines, host and key aside: their bodies as they stand, and the answers' shapes."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client

from demo import agents, catalog, credentials
from orders.models import Order
from prepaid.models import Account, Entry
from tests.purchases.agents import PERSON, SHIRT_URL, work

pytestmark = pytest.mark.django_db
CREATE = (
    '{"url": "https://example-store.com/product/item", '
    '"user_data": {"email": "test@example.com", "prompt": "Size Large, Color Blue"}}'
)

AT_OURS = CREATE.replace("https://example-store.com/product/item", SHIRT_URL)


@pytest.fixture
def client_of_the_demo(settings, tmp_path) -> Client:
    settings.DATA_DIR = tmp_path
    catalog.load()
    agents.load()
    return Client(headers={"Authorization": f"Bearer {credentials.api_keys()[0]}"})


def post(client: Client, body: str):
    return client.post("/v0/checkout", body, content_type="application/json")


def test_creating_a_checkout(client_of_the_demo):
    answer = post(client_of_the_demo, CREATE)
    body = answer.json()
    assert (answer.status_code, list(body)) == (200, ["checkout_id", "status"])
    assert body["status"] == "processing"
    assert str(uuid.UUID(body["checkout_id"])) == body["checkout_id"]


def test_it_is_bought_and_goes_where_the_clients_goods_go(client_of_the_demo):
    checkout_id = post(client_of_the_demo, AT_OURS).json()["checkout_id"]
    work()
    body = client_of_the_demo.get(f"/v0/checkout/{checkout_id}").json()
    assert list(body) == ["id", "status", "amount_str", "currency", "notes"]
    assert body == {
        "id": checkout_id,
        "status": "completed",
        "amount_str": "30.98",
        "currency": "USD",
        "notes": "",
    }
    order = Order.objects.get()
    assert (order.email, order.full_name) == ("test@example.com", "Demo Agency")
    assert order.shipping_address["city"] == "Springfield"


def test_an_address_that_is_said_wins(client_of_the_demo):
    wanted = json.loads(AT_OURS)
    wanted["user_data"] |= {name: value for name, value in PERSON.items() if name != "email"}
    post(client_of_the_demo, json.dumps(wanted))
    work()
    assert Order.objects.get().full_name == PERSON["full_name"]


def test_a_first_and_a_last_name_win_against_the_clients(client_of_the_demo):
    wanted = json.loads(AT_OURS)
    wanted["user_data"] |= {"first_name": "Ada", "last_name": "Lovelace", "address": PERSON["shipping_address"]}
    post(client_of_the_demo, json.dumps(wanted))
    work()
    assert Order.objects.get().full_name == "Ada Lovelace"


def test_a_client_without_one_is_told_all_that_is_missing(client_of_the_demo):
    Account.objects.update(ships_to={})
    checkout_id = post(client_of_the_demo, AT_OURS).json()["checkout_id"]
    work()
    body = client_of_the_demo.get(f"/v0/checkout/{checkout_id}").json()
    assert body["status"] == "failed"
    assert all(words in body["notes"] for words in ("a name", "a street", "a city", "a country"))


class TestTheDemosKeys:
    def test_there_are_two_with_10000_and_their_caps(self, client_of_the_demo):
        sums = Account.objects.values_list("balance_amount", "purchase_cap_amount", "day_cap_amount")
        assert list(sums) == [(1_000_000, 50_000, 500_000)] * 2

    def test_loading_the_demo_again_tops_nothing_up(self, client_of_the_demo):
        agents.load()
        assert Entry.objects.count() == 2

    def test_those_of_the_environment_are_taken(self, client_of_the_demo, settings):
        settings.DEMO_API_KEYS = ["one", "two", "three"]
        agents.load()
        answers = [Client(headers={"Authorization": f"Bearer {key}"}).get("/v0/checkout/x") for key in ("one", "three")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert Account.objects.count() == 5
