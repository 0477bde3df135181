"""The tracker API's envelope and its key, on every path below its own."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import keys
from accounts.models import ApiKey, Scope

pytestmark = pytest.mark.django_db
KEY = "your-secret-api-key"
UNKNOWN = ["/api/carts/", "/api/carts/cart_1/nothing", "/api/carts/cart_1/", "/api/analytics/", "/api/analytics/a/b"]


def get(path: str = "/api/carts", api_key: str | None = KEY, **extra):
    return Client(headers={} if api_key is None else {"x-api-key": api_key}).get(path, **extra)


@pytest.fixture
def key(settings):
    settings.API_KEY = KEY


@pytest.mark.usefixtures("key")
class TestPathsThatAreNone:
    @pytest.mark.parametrize("path", UNKNOWN)
    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"])
    def test_they_are_not_found_in_the_envelope_and_never_redirected(self, path, method):
        answer = Client(headers={"x-api-key": KEY}, enforce_csrf_checks=True).generic(method, path)
        assert answer.status_code == 404
        assert answer.json() == {"success": False, "error": {"code": "NOT_FOUND", "message": "Not found"}}

    @pytest.mark.parametrize("path", UNKNOWN)
    def test_without_a_key_nobody_learns_which_paths_there_are(self, path):
        assert get(path, None).status_code == 401

    def test_one_with_a_line_break_is_no_way_around_the_key(self):
        assert get("/api/carts/a%0Ab/c").json()["error"]["code"] == "NOT_FOUND"
        assert get("/api/carts/a%0Ab/c", None).status_code == 401

    def test_a_foreign_host_is_refused_in_the_envelope(self, settings):
        settings.ALLOWED_HOSTS = ["shop.example"]
        answer = get(HTTP_HOST="evil.example")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "BAD_REQUEST"

    @pytest.mark.parametrize("path", ["/api/cart", "/api/cartsy", "/api/analyticsx"])
    def test_neighbours_are_not_meant(self, path):
        assert isinstance(get(path).json().get("error", ""), str)


class TestWhoMayCall:
    @pytest.mark.parametrize("given", [None, "", " ", KEY, "anything"])
    def test_while_no_key_is_configured_nobody_may(self, settings, given):
        settings.API_KEY = ""
        answer = get(api_key=given)
        assert answer.status_code == 401
        assert answer.json()["error"] == {"code": "UNAUTHORIZED", "message": "Missing or invalid API key"}

    def test_the_key_of_the_environment_asks_the_database_nothing(self, settings, monkeypatch):
        settings.API_KEY = KEY
        monkeypatch.setattr(keys, "find", lambda *_, **__: pytest.fail("looked up"))
        assert get().status_code == 200

    def test_it_is_compared_in_constant_time(self, settings, monkeypatch):
        settings.API_KEY = KEY
        compared = []
        monkeypatch.setattr(keys.secrets, "compare_digest", lambda *pair: bool(compared.append(pair)))
        assert get().status_code == 401
        assert len(compared) == 1

    @pytest.mark.parametrize("from_environment", ["", KEY])
    def test_a_key_made_in_the_admin_opens_it_too(self, settings, from_environment):
        settings.API_KEY = from_environment
        key, secret = keys.create(name="The other shop", scope=Scope.TRACKER)
        assert get(api_key=secret).status_code == 200
        assert ApiKey.objects.get().last_used_at is not None
        keys.revoke(key.pk)
        assert get(api_key=secret).status_code == 401

    def test_a_key_of_another_api_does_not(self):
        _, secret = keys.create(name="An agent", scope=Scope.TRACKER)
        ApiKey.objects.update(scope="elsewhere")
        assert get(api_key=secret).status_code == 401

    @pytest.mark.parametrize("header", ["Authorization", "X-Api-Token"])
    def test_a_key_in_another_header_is_none(self, settings, header):
        settings.API_KEY = KEY
        assert Client(headers={header: f"Bearer {KEY}"}).get("/api/carts").status_code == 401

    @pytest.mark.parametrize("odd", ["\u00e9", "k" * 9000, "\x00", "\ud800"])
    def test_odd_keys_are_refused(self, settings, odd):
        settings.API_KEY = KEY
        assert Client().get("/api/carts", HTTP_X_API_KEY=odd).status_code == 401

    def test_a_signed_in_merchant_is_nobody_here(self, settings, admin_client):
        settings.API_KEY = KEY
        assert admin_client.get("/api/carts").status_code == 401
