"""The OpenAPI document says what the code does."""

import re

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from dialects.fields import (
    StrictAmount,
    StrictBoolean,
    StrictEmail,
    StrictInteger,
    StrictObject,
    StrictSerializer,
    StrictText,
)
from dialects.guest import GUEST, GuestViewSet
from dialects.idempotent import idempotent
from dialects.schema import responses
from dialects.staff import StaffOnly


def test_the_whole_document_is_valid_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_it_is_served_to_everybody(client):
    assert client.get("/api/schema", headers={"accept": "application/json"}).json()["info"]["title"] == "Cartwright"
    assert client.get("/api/schema").status_code == 200


def test_the_docs_page_asks_no_other_host_for_anything(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page.content.decode())


class Body(StrictSerializer):
    quantity = StrictInteger(min_value=1, max_value=9)
    name = StrictText(max_length=5)
    email = StrictEmail(required=False)
    gift = StrictBoolean(required=False)
    amount = StrictAmount(required=False)
    data = StrictObject(required=False)


class Things(StaffOnly, GuestViewSet):
    @extend_schema(request=Body, responses=responses(GUEST, {201: Body}, errors=[404]))
    @idempotent
    def create(self, request):
        return Response()

    @extend_schema(responses=responses(GUEST, {200: Body}))
    def list(self, request):
        return Response()


@pytest.fixture
def document():
    from django.urls import path

    return SchemaGenerator(patterns=[path("api/things", Things.as_view({"get": "list", "post": "create"}))]).get_schema(
        public=True
    )


def test_strict_fields_have_the_types_they_take(document):
    fields = document["components"]["schemas"]["BodyRequest"]["properties"]
    assert fields["quantity"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert (fields["name"]["type"], fields["name"]["maxLength"], fields["name"]["minLength"]) == ("string", 5, 1)
    assert (fields["email"]["type"], fields["email"]["format"]) == ("string", "email")
    assert fields["gift"]["type"] == "boolean"
    assert fields["amount"]["type"] == "number"
    assert fields["data"]["type"] == "object"


def test_every_error_has_the_shape_of_its_dialect(document):
    answers = document["paths"]["/api/things"]["post"]["responses"]
    assert set(answers) == {"201", "400", "404", "409", "411", "413", "415", "422", "500"}
    for status in set(answers) - {"201"}:
        assert answers[status]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/GuestError"}


def test_an_idempotent_write_documents_its_header_and_a_read_has_none(document):
    thing = document["paths"]["/api/things"]
    assert [parameter["name"] for parameter in thing["post"]["parameters"]] == ["Idempotency-Key"]
    assert "parameters" not in thing["get"]


def test_a_list_of_its_own_shape_is_not_wrapped_once_more(document):
    answer = document["paths"]["/api/things"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Body"}


def test_the_admin_side_names_both_ways_to_sign_in(document):
    assert document["paths"]["/api/things"]["get"]["security"] == [{"staffToken": []}, {"staffSession": []}]
    assert document["components"]["securitySchemes"]["staffToken"]["scheme"] == "bearer"
