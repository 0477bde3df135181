"""Whatever a view raises leaves as JSON in the dialect's shape."""

import logging

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from rest_framework.exceptions import Throttled

from common.errors import DomainError, ErrorCode
from tests.dialects import views

pytestmark = pytest.mark.urls("tests.dialects.views")


@pytest.fixture
def raised(api, monkeypatch):
    def get(error: Exception, method: str = "GET", **extra):
        monkeypatch.setattr(views, "RAISED", [error])
        return api.generic(method, "/api/raise", **extra)

    return get


def test_a_missing_row_is_a_plain_404_that_tells_nothing_of_ours(raised):
    answer = raised(Http404("No Checkout matches the given query."))
    assert (answer.status_code, answer.json()) == (404, {"success": False, "error": "Not found"})


def test_a_limit_says_when_to_come_back(raised):
    answer = raised(Throttled(wait=7.2))
    assert (answer.status_code, answer["Retry-After"]) == (429, "8")


def test_busy_is_409_and_may_be_tried_again_in_a_second(raised):
    answer = raised(DomainError(ErrorCode.BUSY))
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")


def test_a_refusal_of_the_domain_names_its_values(raised):
    answer = raised(DomainError(ErrorCode.NOT_ENOUGH_STOCK, variant="Medium / Blue", available=3))
    assert answer.status_code == 400
    assert answer.json() == {"success": False, "error": "Only 3 of Medium / Blue are left."}
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("error", "status"), [(PermissionDenied(), 403), (SuspiciousOperation("x"), 400)])
def test_refusals_of_django_itself_keep_their_status(raised, error, status):
    answer = raised(error)
    assert (answer.status_code, answer.json()["success"]) == (status, False)


def test_an_unforeseen_failure_is_a_500_that_is_logged_without_the_body(raised, caplog):
    with caplog.at_level(logging.ERROR):
        answer = raised(ZeroDivisionError("hidden"), "GET", data=b"4111111111111111", content_type="application/json")
    assert answer.status_code == 500
    assert answer.json() == {"success": False, "error": "Something went wrong on our side."}
    assert "Traceback" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "4111" not in caplog.text


def test_a_test_client_sees_the_failure_itself(monkeypatch):
    from rest_framework.test import APIClient

    monkeypatch.setattr(views, "RAISED", [ZeroDivisionError()])
    with pytest.raises(ZeroDivisionError):
        APIClient().get("/api/raise")


def test_a_wrong_method_is_405_and_says_which_are_right(api):
    answer = api.patch("/api/raise")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json() == {"success": False, "error": 'Method "PATCH" not allowed.'}


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=abc", ""])
def test_json_is_answered_whatever_is_accepted(api, accept):
    assert api.post("/api/echo", {}, format="json", HTTP_ACCEPT=accept).json() == {"body": {}}


def test_options_names_the_methods_and_nothing_else(api):
    answer = api.options("/api/raise")
    assert (answer.status_code, answer["Allow"], answer.content) == (204, "GET, HEAD, OPTIONS", b"")


def test_head_is_get_without_a_body(raised):
    answer = raised(Http404(), "HEAD")
    assert (answer.status_code, answer.content) == (404, b"")
