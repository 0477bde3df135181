"""POST /api/auth/token and /api/auth/token/refresh."""

from datetime import timedelta

import pytest
import time_machine
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User

pytestmark = pytest.mark.django_db
TOKEN, REFRESH = "/api/auth/token", "/api/auth/token/refresh"
WRONG = {"success": False, "error": "Wrong username or password."}


@pytest.fixture(autouse=True)
def shopper() -> User:
    return User.objects.create_user("shopper", password=" right ")


def sign_in(api, password=" right ", username="shopper", **extra):
    return api.post(TOKEN, {"username": username, "password": password}, **extra)


def test_every_active_user_gets_two_tokens(api, shopper):
    answer = sign_in(api)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    assert AccessToken(answer.json()["access"])["aud"] == "admin"
    assert answer["Cache-Control"] == "no-store"


def test_the_access_token_lives_a_quarter_of_an_hour_and_the_other_a_week(api):
    tokens = sign_in(api).json()
    access, refresh = AccessToken(tokens["access"]), RefreshToken(tokens["refresh"])
    assert access["exp"] - access["iat"] == 15 * 60
    assert refresh["exp"] - refresh["iat"] == 7 * 24 * 3600


@pytest.mark.parametrize(
    ("username", "password"), [("shopper", "wrong"), ("nobody", " right "), ("SHOPPER", " right ")]
)
def test_a_wrong_name_or_password_is_401_and_does_not_say_which(api, username, password):
    answer = sign_in(api, password, username)
    assert (answer.status_code, answer.json()) == (401, WRONG)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_deactivated_user_is_401(api):
    User.objects.update(is_active=False)
    assert sign_in(api).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"username": "shopper"}, {"username": 5, "password": "x"}, {"username": "a", "password": None}]
)
def test_a_malformed_body_is_400_and_no_failed_sign_in(api, body):
    for _ in range(11):
        assert api.post(TOKEN, body).status_code == 400


def test_after_ten_failures_even_the_right_password_is_429_until_the_time_is_over(api):
    with time_machine.travel("2026-01-01T10:00:00Z", tick=False) as clock:
        assert [sign_in(api, "wrong").status_code for _ in range(10)] == [401] * 10
        answer = sign_in(api)
        assert (answer.status_code, answer["Retry-After"]) == (429, "900")
        assert answer["Content-Type"] == "application/json"
        assert answer.json()["success"] is False
        clock.shift(timedelta(minutes=15, seconds=1))
        assert sign_in(api).status_code == 200


def test_another_address_or_another_name_is_not_locked_out(api):
    User.objects.create_user("other", password="x")
    for _ in range(11):
        sign_in(api, "wrong")
    assert sign_in(api, REMOTE_ADDR="192.0.2.9").status_code == 200
    assert sign_in(api, "x", "other").status_code == 200


def test_a_forwarded_address_of_a_stranger_does_not_escape_the_limit(api):
    for number in range(10):
        sign_in(api, "wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert sign_in(api).status_code == 429


def test_a_changed_browser_name_does_not_escape_the_limit(api):
    for number in range(10):
        sign_in(api, "wrong", HTTP_USER_AGENT=f"agent {number}")
    assert sign_in(api).status_code == 429


def test_successes_are_never_limited_and_end_the_counting(api):
    for _ in range(3):
        for _ in range(5):
            sign_in(api, "wrong")
        assert sign_in(api).status_code == 200


def test_a_refresh_token_gives_a_new_access_token(api):
    answer = api.post(REFRESH, {"refresh": sign_in(api).json()["refresh"]})
    assert answer.status_code == 200
    assert set(answer.json()) == {"access"}
    assert AccessToken(answer.json()["access"])


@pytest.mark.parametrize("token", ["x", "a.b.c", "ü"])
def test_a_bad_refresh_token_is_401(api, token):
    assert api.post(REFRESH, {"refresh": token}).status_code == 401


def test_an_access_token_does_not_refresh(api):
    assert api.post(REFRESH, {"refresh": sign_in(api).json()["access"]}).status_code == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "other"}])
def test_a_refresh_token_dies_with_the_user_or_the_password(api, change):
    refresh = sign_in(api).json()["refresh"]
    User.objects.update(**change)
    answer = api.post(REFRESH, {"refresh": refresh})
    assert answer.status_code == 401
    assert answer.json() == {"success": False, "error": "The token is not valid or has expired."}


def test_the_sign_in_page_of_the_admin_is_limited_too_and_says_so_plainly(client):
    for _ in range(10):
        answer = client.post("/admin/login/", {"username": "shopper", "password": "wrong"}, REMOTE_ADDR="192.0.2.1")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"


def test_a_request_that_is_no_sign_in_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/api/nothing").status_code == 404
