"""/api/schema and /api/docs: in the form that was asked for, for whatever Accept says, and never from another host."""

from __future__ import annotations

import re

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.once

REFUSAL = {"success", "error"}
ODD = ["", "*/*", "text/html", "image/png", "application/xml;q=0.9", "nonsense", "application/json;q=0", "a/b" * 500]


@pytest.mark.parametrize("accept", ODD)
def test_it_is_json_whatever_is_accepted(accept: str):
    answer = Client().get("/api/schema", headers={"Accept": accept})
    assert answer.status_code == 200
    assert "json" in answer["Content-Type"]
    assert answer.json()["openapi"].startswith("3.")


@pytest.mark.parametrize("accept", ODD)
def test_the_format_in_the_address_wins(accept: str):
    as_yaml = Client().get("/api/schema?format=yaml", headers={"Accept": accept})
    as_json = Client().get("/api/schema?format=json", headers={"Accept": accept})
    assert "yaml" in as_yaml["Content-Type"] or "openapi" in as_yaml["Content-Type"]
    assert yaml.safe_load(as_yaml.content) == as_json.json()


@pytest.mark.parametrize("accept", ["application/yaml", "application/vnd.oai.openapi"])
def test_yaml_may_be_accepted(accept: str):
    answer = Client().get("/api/schema", headers={"Accept": accept})
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.")
    assert not answer.content.startswith(b"{")


@pytest.mark.parametrize("query", ["format=xml", "format=", "format=api", "format=%00"])
def test_another_format_is_a_400_in_json(query: str):
    answer = Client().get(f"/api/schema?{query}", headers={"Accept": "application/yaml"})
    assert answer.status_code == 400
    assert set(answer.json()) == REFUSAL


@pytest.mark.parametrize("query", ["version=%0d%0aX: y", "lang=xx", "lang=%00", "version=" + "9" * 5000])
def test_other_queries_change_nothing(query: str):
    assert Client().get(f"/api/schema?{query}").json() == Client().get("/api/schema").json()


@pytest.mark.parametrize("path", ["/api/schema", "/api/docs"])
def test_it_is_read_only_and_says_so_in_json(path: str):
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        answer = Client(enforce_csrf_checks=True).generic(method, path)
        assert answer.status_code == 405
        assert set(answer.json()) == REFUSAL
        assert "GET" in answer["Allow"]
    assert Client().head(path).status_code == 200
    assert Client().options(path).status_code == 204


@pytest.mark.parametrize("accept", ODD)
def test_the_docs_are_a_page_whatever_is_accepted(accept: str):
    answer = Client().get("/api/docs", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_what_the_page_loads_is_ours_and_is_there():
    page = Client().get("/api/docs").content.decode()
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert loaded
    for address in loaded:
        assert address.startswith("/static/"), address
        assert finders.find(address.removeprefix("/static/")), address


def test_every_path_under_api_is_described():
    from django.urls import get_resolver

    def paths(patterns: list, prefix: str = "") -> set[str]:
        found = set()
        for one in patterns:
            route = prefix + str(one.pattern)
            found |= paths(one.url_patterns, route) if hasattr(one, "url_patterns") else {route}
        return found

    described = set(Client().get("/api/schema").json()["paths"])
    ours = {"/" + re.sub(r"<\w+:(\w+)>", r"{\1}", path) for path in paths(get_resolver().url_patterns)}
    assert {path for path in ours if path.startswith("/api/")} - described == {"/api/schema", "/api/docs"}
