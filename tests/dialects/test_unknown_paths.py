"""What answers where no view does."""

import pytest
from django.test import Client, RequestFactory

from checkout_project import errors

NOT_FOUND = {"success": False, "error": "Not found"}


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/checkout/items/x/y/z", "/api/a%0Ab", "/api/auth/token/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
def test_an_unknown_path_under_api_is_404_in_json(path, method):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json() == NOT_FOUND


@pytest.mark.parametrize("path", ["/v0", "/v0/", "/v0/nothing", "/v0/checkout/", "/v0/checkout/a/b", "/v0/a%0Ab"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
def test_an_unknown_path_of_the_purchase_api_is_404_in_its_own_json(path, method):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json() == {"error": "Not found"}


@pytest.mark.parametrize("path", ["/nothing", "/apiary", "/v0x"])
def test_an_unknown_page_is_a_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "html" in answer["Content-Type"]


def test_a_foreign_host_is_refused_in_the_callers_form(client):
    assert client.get("/api/nothing-that-asks-for-its-host", HTTP_HOST="evil.example").status_code in {400, 404}


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/x", "application/json"), ("/v0/x", "application/json"), ("/x", "text/html")]
)
def test_a_failure_outside_of_any_view_keeps_the_form(path, kind):
    answer = errors.server_error(RequestFactory().get(path))
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith(kind)
