"""Who may use the admin side: staff, by token or by session."""

from datetime import timedelta

import jwt
import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User

pytestmark = [pytest.mark.urls("tests.dialects.views"), pytest.mark.django_db]


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("merchant", password="right", is_staff=True)


@pytest.fixture
def shopper() -> User:
    return User.objects.create_user("shopper", password="right")


def bearer(token) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def assert_unauthorized(answer) -> None:
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["success"] is False


def test_an_access_token_of_staff_opens_it(api, staff):
    answer = api.get("/api/staff", **bearer(AccessToken.for_user(staff)))
    assert (answer.status_code, answer.json()) == (200, {"user": "merchant"})


def test_one_who_is_not_staff_is_403(api, shopper):
    answer = api.get("/api/staff", **bearer(AccessToken.for_user(shopper)))
    assert (answer.status_code, answer.json()["success"]) == (403, False)


def test_nobody_is_401(api):
    assert_unauthorized(api.get("/api/staff"))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer a b", "Bearer x.y.z", "Basic YTpi", "Bearer \xff"])
def test_a_bad_header_is_401(api, header):
    assert_unauthorized(api.get("/api/staff", HTTP_AUTHORIZATION=header))


def test_a_refresh_token_opens_nothing(api, staff):
    assert_unauthorized(api.get("/api/staff", **bearer(RefreshToken.for_user(staff))))


def test_an_expired_token_is_401(api, staff):
    token = AccessToken.for_user(staff)
    token.set_exp(from_time=timezone.now() - timedelta(hours=1))
    assert_unauthorized(api.get("/api/staff", **bearer(token)))


@pytest.mark.parametrize("audience", ["authenticated", None])
def test_a_token_for_another_audience_is_401(api, staff, audience):
    claims = dict(AccessToken.for_user(staff).payload)
    claims.pop("aud", None)
    if audience:
        claims["aud"] = audience
    assert_unauthorized(api.get("/api/staff", **bearer(jwt.encode(claims, django_settings.SECRET_KEY, "HS256"))))


def test_a_token_signed_with_another_key_or_not_at_all_is_401(api, staff):
    claims = dict(AccessToken.for_user(staff).payload) | {"aud": "admin"}
    assert_unauthorized(api.get("/api/staff", **bearer(jwt.encode(claims, "x" * 50, "HS256"))))
    assert_unauthorized(api.get("/api/staff", **bearer(jwt.encode(claims, None, "none"))))


def test_a_changed_password_ends_the_tokens_issued_before(api, staff):
    token = AccessToken.for_user(staff)
    staff.set_password("new")
    staff.save()
    assert_unauthorized(api.get("/api/staff", **bearer(token)))


def test_a_deactivated_user_is_401(api, staff):
    token = AccessToken.for_user(staff)
    User.objects.update(is_active=False)
    assert_unauthorized(api.get("/api/staff", **bearer(token)))


def test_a_signed_in_browser_may_read(staff):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(staff)
    assert browser.get("/api/staff").json() == {"user": "merchant"}


def test_a_signed_in_browser_writes_with_a_csrf_token_only(staff):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(staff)
    answer = browser.post("/api/staff", {}, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/json")
    assert "CSRF" in answer.json()["error"]
    browser.cookies["csrftoken"] = "a" * 32
    assert browser.post("/api/staff", {}, format="json", HTTP_X_CSRFTOKEN="a" * 32).status_code == 200


def test_a_form_that_cannot_be_read_is_no_failure_of_ours(staff):
    browser = APIClient(enforce_csrf_checks=True, raise_request_exception=False)
    browser.force_login(staff)
    browser.cookies["csrftoken"] = "a" * 32
    answer = browser.generic("POST", "/api/staff", b"x", content_type="multipart/form-data")
    assert 400 <= answer.status_code < 500


def test_a_token_costs_one_query(api, staff, django_assert_num_queries):
    token = AccessToken.for_user(staff)
    with django_assert_num_queries(1):
        api.get("/api/staff", **bearer(token))


def test_a_session_cookie_with_a_nul_is_nobodys(client):
    assert client.get("/api/staff", headers={"Cookie": 'sessionid="\\000aaaaaaaaaaaa"'}).status_code == 401
