"""The document's own curl lines, host and key aside: their bodies as they stand, and the answers' shapes."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client

from demo import agents, catalog, credentials
from prepaid.models import Account, Entry
from tests.purchases.agents import PERSON, SHIRT_URL, work

pytestmark = pytest.mark.django_db
CREATE = (
    '{"url": "https://example-store.com/product/item", '
    '"user_data": {"email": "test@example.com", "prompt": "Size Large, Color Blue"}}'
)


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


def test_getting_its_details(client_of_the_demo):
    checkout_id = post(client_of_the_demo, CREATE.replace("https://example-store.com/product/item", SHIRT_URL)).json()[
        "checkout_id"
    ]
    work()
    body = client_of_the_demo.get(f"/v0/checkout/{checkout_id}").json()
    assert list(body) == ["id", "status", "amount_str", "currency", "notes"]
    assert (body["id"], body["status"]) == (checkout_id, "failed")
    assert "city" in body["notes"]  # the document's data say where nothing goes: all that is missing is listed


def test_with_what_was_missing_it_is_bought(client_of_the_demo):
    wanted = json.loads(CREATE)
    wanted["url"] = SHIRT_URL
    wanted["user_data"] |= {name: value for name, value in PERSON.items() if name != "email"}
    checkout_id = post(client_of_the_demo, json.dumps(wanted)).json()["checkout_id"]
    work()
    assert client_of_the_demo.get(f"/v0/checkout/{checkout_id}").json() == {
        "id": checkout_id,
        "status": "completed",
        "amount_str": "30.98",
        "currency": "USD",
        "notes": "",
    }


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
