"""The same ladder for every endpoint of the guest API: wrong method, malformed, without a session, somebody else's,
missing, repeated. What each does when it works is in test_documented_examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from dialects.guest import COOKIE
from tests.checkouts.api.conftest import BY_CARD, CUSTOMER, SHIPPING_ADDRESS, SHIRT, Guest

WRITES = [
    ("post", "/items", SHIRT),
    ("put", "/items/42", {"quantity": 3}),
    ("delete", "/items/42", None),
    ("delete", "", None),
    ("put", "/shipping-address", SHIPPING_ADDRESS),
    ("put", "/billing-address", SHIPPING_ADDRESS),
    ("put", "/customer-details", CUSTOMER),
    ("put", "/shipping-method", {"shipping_method_id": 1}),
    ("post", "/discount", {"discount_code": "SUMMER25"}),
    ("delete", "/discount", None),
    ("post", "/complete", BY_CARD),
]
WITH_BODY = [write for write in WRITES if write[2] is not None]
NOT_OURS = "7b0c2f0e-58a4-4f0e-9a51-1d1f3c0a9e42"  # fixed: parallel workers must collect the same tests
NEEDS_A_CHECKOUT = [write for write in WRITES if write[1] != "/items"]
NAMES = [f"{method} {path or '/'}" for method, path, _ in WRITES]


def refusal(response: Any) -> str:
    """The sentence of a refusal in this API's own shape."""
    body = response.json()
    assert set(body) == {"success", "error"}, body
    assert body["success"] is False
    assert response["Content-Type"] == "application/json"
    return body["error"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/items", "OPTIONS, POST"),
        ("/items/42", "DELETE, OPTIONS, PUT"),
        ("/shipping-address", "OPTIONS, PUT"),
        ("/billing-address", "OPTIONS, PUT"),
        ("/customer-details", "OPTIONS, PUT"),
        ("/shipping-method", "OPTIONS, PUT"),
        ("/discount", "DELETE, OPTIONS, POST"),
        ("/complete", "OPTIONS, POST"),
    ],
)
def test_a_wrong_method_is_refused_with_those_that_are_right(guest: Guest, path: str, allowed: str):
    response = guest.call("patch", path, {})
    assert response.status_code == 405
    assert sorted(response["Allow"].split(", ")) == allowed.split(", ")
    assert refusal(response)


@pytest.mark.parametrize(("method", "path", "body"), WITH_BODY)
@pytest.mark.parametrize("raw", ["", "{", "[]", "null", '"text"', "{}", "\xff", '{"quantity": NaN}'])
def test_a_malformed_body_is_a_400_and_loses_nothing(guest: Guest, method: str, path: str, body: Any, raw: str):
    before = guest.ready().get().json()
    response = getattr(guest.client, method)(
        f"/api/checkout{path}", raw.encode("latin-1"), content_type="application/json"
    )
    assert response.status_code == 400, response.content
    assert refusal(response)
    assert guest.get().json() == before


@pytest.mark.parametrize(("method", "path", "body"), WITH_BODY)
def test_a_form_is_refused_with_415(guest: Guest, method: str, path: str, body: Any):
    guest.ready()
    response = getattr(guest.client, method)(
        f"/api/checkout{path}", "a=1", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 415
    assert refusal(response)


@pytest.mark.parametrize(("method", "path", "body"), WITH_BODY)
def test_a_body_beyond_256_kb_is_refused_with_413(guest: Guest, method: str, path: str, body: Any):
    guest.ready()
    raw = json.dumps({**body, "padding": "x" * 262_144})
    response = getattr(guest.client, method)(f"/api/checkout{path}", raw, content_type="application/json")
    assert response.status_code == 413
    assert refusal(response)


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_A_CHECKOUT)
def test_without_a_session_there_is_nothing_to_change(guest: Guest, method: str, path: str, body: Any):
    response = guest.call(method, path, body)
    assert response.status_code == 404
    assert refusal(response) == "Checkout not found"
    assert COOKIE not in response.cookies


@pytest.mark.parametrize(("method", "path", "body"), NEEDS_A_CHECKOUT)
def test_a_session_we_did_not_issue_is_not_adopted(guest: Guest, method: str, path: str, body: Any):
    guest.client.cookies[COOKIE] = NOT_OURS
    assert guest.call(method, path, body).status_code == 404


@pytest.mark.parametrize("made_up", ["", "nonsense", "1", "{}", NOT_OURS, "\u00e9" * 36])
def test_reading_with_a_made_up_cookie_issues_another(guest: Guest, made_up: str):
    guest.client.cookies[COOKIE] = made_up
    response = guest.get()
    assert response.status_code == 200
    assert response.cookies[COOKIE].value == response.json()["session_id"] != made_up


@pytest.mark.parametrize("made_up", ["nonsense", NOT_OURS])
def test_adding_with_a_made_up_cookie_issues_another(guest: Guest, made_up: str):
    guest.client.cookies[COOKIE] = made_up
    assert guest.add().json()["session_id"] != made_up


def test_nobody_reaches_somebody_elses_checkout(guest: Guest, other_guest: Guest):
    mine = guest.ready().get().json()
    theirs = other_guest.add().json()
    assert theirs["session_id"] != mine["session_id"]
    other_guest.call("delete")
    assert guest.get().json() == mine


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=NAMES)
def test_the_same_key_twice_does_it_once_and_answers_the_same(guest: Guest, method: str, path: str, body: Any):
    guest.ready()
    first = guest.call(method, path, body, key="once-and-for-all")
    state = guest.get().json()
    second = guest.call(method, path, body, key="once-and-for-all")
    assert first.status_code in {200, 201}
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second["Idempotent-Replayed"] == "true"
    assert guest.get().json()["items"] == state["items"]


@pytest.mark.parametrize(("method", "path", "body"), WITH_BODY)
def test_the_same_key_with_another_body_is_a_422(guest: Guest, method: str, path: str, body: Any):
    guest.ready()
    guest.call(method, path, body, key="k")
    response = guest.call(method, path, {**body, "more": 1}, key="k")
    assert response.status_code == 422
    assert refusal(response)


def test_a_first_add_repeated_with_the_cookie_it_brought_adds_once(guest: Guest):
    guest.add(key="first")
    assert guest.add(key="first").json()["items"][0]["quantity"] == 2


def test_the_same_key_of_another_guest_is_another_key(guest: Guest, other_guest: Guest):
    mine = guest.add(key="1").json()
    theirs = other_guest.add(key="1").json()
    assert mine["session_id"] != theirs["session_id"]


def test_no_answer_redirects_to_add_a_slash(guest: Guest):
    for path in ("/api/checkout/", "/api/checkout/items/", "/api/admin/checkouts/"):
        response = APIClient().get(path)
        assert response.status_code == 404
        assert refusal(response)


def test_html_is_never_sent_to_an_api_client(guest: Guest):
    response = guest.client.get("/api/checkout/nowhere", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert refusal(response)


@pytest.mark.parametrize("path", ["/items/0x2a", "/items/-1", "/items/42.0", "/items/" + "9" * 40])
def test_an_impossible_product_id_is_a_404(guest: Guest, path: str):
    assert guest.ready().call("delete", path).status_code == 404
