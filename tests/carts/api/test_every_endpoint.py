"""The same ladder for every endpoint: works, no key, wrong key, wrong method, not there, malformed, repeated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from carts.models import Cart
from tests.carts.api.conftest import NEW, Store

FAULT = {"success", "error"}


@dataclass(frozen=True)
class Endpoint:
    method: str
    path: str  # {} is a cart's id
    body: Any = None
    good: int = 200
    allow: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path or '/'}"


ENDPOINTS = [
    Endpoint("get", "", allow="GET, POST, HEAD, OPTIONS"),
    Endpoint("post", "", NEW, 201, allow="GET, POST, HEAD, OPTIONS"),
    Endpoint("post", "/bulk", {"carts": [NEW]}, allow="POST, OPTIONS"),
    Endpoint("get", "/{}", allow="GET, PATCH, DELETE, HEAD, OPTIONS"),
    Endpoint("patch", "/{}", {"status": "recovered"}, allow="GET, PATCH, DELETE, HEAD, OPTIONS"),
    Endpoint("delete", "/{}", allow="GET, PATCH, DELETE, HEAD, OPTIONS"),
]
WRITES = [one for one in ENDPOINTS if one.method != "get"]
OF_ONE = [one for one in ENDPOINTS if "{}" in one.path]
EACH = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
EACH_WRITE = pytest.mark.parametrize("endpoint", WRITES, ids=str)


@pytest.fixture
def cart(store: Store) -> str:
    return store.told()["id"]


def code_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body.keys() == FAULT
    assert body["success"] is False
    assert body["error"].keys() == {"code", "message"}
    assert body["error"]["message"]
    return body["error"]["code"]


@EACH
def test_it_works(store, cart, endpoint):
    answer = store.call(endpoint.method, endpoint.path.format(cart), endpoint.body)
    assert answer.status_code == endpoint.good
    assert answer.json().keys() == {"success", "data"}
    assert answer.json()["success"] is True


@EACH
@pytest.mark.parametrize("api_key", [None, "", "wrong", "your-secret-api-ke", "your-secret-api-key2"])
def test_without_the_key_nothing_is_said_or_done(store, cart, endpoint, api_key):
    answer = Store(api_key).call(endpoint.method, endpoint.path.format(cart), endpoint.body)
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHORIZED")
    assert "x-api-key" in answer["WWW-Authenticate"]
    assert Cart.objects.get().status == "abandoned"


@EACH
def test_another_method_is_refused_with_those_there_are(store, cart, endpoint):
    answer = store.call("put", endpoint.path.format(cart), {})
    assert (answer.status_code, code_of(answer)) == (405, "METHOD_NOT_ALLOWED")
    assert set(answer["Allow"].split(", ")) == set(endpoint.allow.split(", "))


@pytest.mark.parametrize("endpoint", OF_ONE, ids=str)
@pytest.mark.parametrize(
    "odd",
    [
        "cart_999999",
        "cart_0",
        "cart_01",
        "cart_-1",
        "cart_",
        "cart_x",
        "1",
        "CART_1",
        "cart_" + "9" * 30,
        "%00",
        "cart_1 ",
    ],
)
def test_a_cart_that_is_not_there_is_not_found(store, endpoint, odd):
    answer = store.call(endpoint.method, endpoint.path.format(odd), endpoint.body)
    assert (answer.status_code, code_of(answer)) == (404, "NOT_FOUND")
    assert answer.json()["error"]["message"] == "Cart not found"


@pytest.mark.parametrize("endpoint", [one for one in WRITES if one.body], ids=str)
@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "BAD_REQUEST"),
        (b"[]", "application/json", 400, "BAD_REQUEST"),
        (b"\xff", "application/json", 400, "BAD_REQUEST"),
        (b'{"a": NaN}', "application/json", 400, "BAD_REQUEST"),
        (b'{"a": "\\u0000"}', "application/json", 400, "BAD_REQUEST"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b" " * (256 * 1024 + 1), "application/json", 413, "PAYLOAD_TOO_LARGE"),
    ],
)
def test_a_malformed_body_is_a_clear_refusal(store, cart, endpoint, raw, content_type, status, code):
    path = f"/api/carts{endpoint.path.format(cart)}"
    answer = store.client.generic(endpoint.method.upper(), path, raw, content_type, headers=store.headers)
    assert (answer.status_code, code_of(answer)) == (status, code)


@EACH_WRITE
def test_the_same_key_gives_the_same_answer_and_is_done_once(store, cart, endpoint):
    path = endpoint.path.format(cart)
    first, second = (store.call(endpoint.method, path, endpoint.body, key="once") for _ in range(2))
    assert first.status_code == second.status_code == endpoint.good
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Cart.objects.count() <= 2


@EACH_WRITE
def test_the_same_key_with_another_body_is_refused(store, cart, endpoint):
    path = endpoint.path.format(cart)
    store.call(endpoint.method, path, endpoint.body, key="once")
    answer = store.call(endpoint.method, path, {"something": "else"}, key="once")
    assert (answer.status_code, code_of(answer)) == (422, "VALIDATION_ERROR")


@EACH_WRITE
def test_a_malformed_idempotency_key_is_refused(store, cart, endpoint):
    answer = store.call(endpoint.method, endpoint.path.format(cart), endpoint.body, key="k" * 256)
    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


def test_a_refused_body_is_answered_the_same_under_its_key(store):
    bodies = [store.call("post", "", {"items": []}, key="once") for _ in range(2)]
    assert [answer.status_code for answer in bodies] == [422, 422]
    assert bodies[1]["Idempotent-Replayed"] == "true"


def test_one_callers_key_is_not_anothers(store, settings):
    first = store.call("post", "", NEW, key="once").json()["data"]
    settings.API_KEY = "another-secret"
    from accounts import keys
    from accounts.models import Scope

    _, secret = keys.create(name="Another shop", scope=Scope.TRACKER)
    second = Store(secret).call("post", "", NEW, key="once").json()["data"]
    assert first["id"] != second["id"]


def test_head_answers_like_get_without_a_body(store, cart):
    for path in ("", f"/{cart}"):
        answer = store.call("head", path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_options_name_the_methods(store, cart):
    assert store.call("options", f"/{cart}")["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


def test_nothing_here_is_kept_by_a_cache(store, cart):
    assert store.call("get", f"/{cart}")["Cache-Control"] == "no-store"


def test_a_fault_of_ours_is_500_in_the_same_envelope(store, cart, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("carts.api.tracker.cart_body", fail)
    answer = store.call("get", f"/{cart}")
    assert (answer.status_code, code_of(answer)) == (500, "INTERNAL_ERROR")
    assert "on purpose" not in json.dumps(answer.json())
