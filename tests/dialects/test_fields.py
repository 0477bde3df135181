"""Types are strict, and every complaint names its field."""

import json

import pytest

pytestmark = pytest.mark.urls("tests.dialects.views")

REFUSED = [
    ({"quantity": "2"}, "quantity: must be a whole number"),
    ({"quantity": 2.5}, "quantity: must be a whole number"),
    ({"quantity": 2.0}, "quantity: must be a whole number"),
    ({"quantity": True}, "quantity: must be a whole number"),
    ({"quantity": None}, "quantity: must not be null"),
    ({"quantity": [1]}, "quantity: must be a whole number"),
    ({"quantity": 0}, "quantity: must be at least 1"),
    ({"quantity": 101}, "quantity: must be at most 100"),
    ({}, "quantity: is required"),
    ({"quantity": 1, "name": 5}, "name: must be a text"),
    ({"quantity": 1, "name": True}, "name: must be a text"),
    ({"quantity": 1, "name": ["a"]}, "name: must be a text"),
    ({"quantity": 1, "name": ""}, "name: must not be empty"),
    ({"quantity": 1, "name": "x" * 11}, "name: must have at most 10 characters"),
    ({"quantity": 1, "name": "a\nb"}, "name: must not contain control characters"),
    ({"quantity": 1, "name": "a\n"}, "name: must not contain control characters"),
    ({"quantity": 1, "name": "\n"}, "name: must not contain control characters"),
    ({"quantity": 1, "email": "nobody"}, "email: must be an e-mail address"),
    ({"quantity": 1, "email": 5}, "email: must be an e-mail address"),
    ({"quantity": 1, "gift": 1}, "gift: must be true or false"),
    ({"quantity": 1, "gift": "true"}, "gift: must be true or false"),
    ({"quantity": 1, "card": "x"}, "card: must be an object"),
    ({"quantity": 1, "card": {}}, "card.number: is required"),
    ({"quantity": 1, "card": {"number": "4", "month": 13}}, "card.month: must be at most 12"),
    ({"quantity": 1, "cards": [{"number": "4"}, {"number": 4}]}, "cards[1].number: must be a text"),
    ({"quantity": 1, "notes": {"a": 1}}, "notes: must be a list"),
    ({"quantity": 1, "notes": ["a", 5]}, "notes[1]: must be a text"),
    ({"quantity": "x", "name": 5}, "quantity: must be a whole number; name: must be a text"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "sentence"), REFUSED, ids=[json.dumps(body) for body, _ in REFUSED])
def test_a_wrong_value_is_refused_in_one_sentence(post, body, sentence):
    answer = post("/api/take", json.dumps(body))
    assert (answer.status_code, answer.json()) == (400, {"success": False, "error": sentence})


def test_right_values_are_taken(post):
    body = {"quantity": 2, "name": " Ann ", "email": "a@b.example", "gift": False, "notes": ["a"], "unknown": 1}
    answer = post("/api/take", json.dumps(body))
    assert answer.status_code == 201
    assert answer.json() == {
        "quantity": 2, "name": "Ann", "email": "a@b.example", "gift": False, "notes": ["a"]
    }  # fmt: skip
