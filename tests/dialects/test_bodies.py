"""What a caller may send as a body."""

import io

import pytest
from django.test import RequestFactory

from dialects.parser import MAX_BYTES, MAX_DEPTH

pytestmark = pytest.mark.urls("tests.dialects.views")


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


REFUSED = {
    "not json": (b"{", "not valid JSON"),
    "nothing but blanks": (b"  ", "not valid JSON"),
    "two values": (b"{} {}", "not valid JSON"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "not valid JSON"),
    "not utf-8": (b'{"a": "\xff"}', "UTF-8"),
    "a raw surrogate": (b'{"a": "\xed\xa0\x80"}', "UTF-8"),
    "a lone surrogate": (b'{"a": "\\ud800"}', "surrogate"),
    "a lone surrogate as a name": (b'{"\\udfff": 1}', "surrogate"),
    "nul": (b'{"a": ["\\u0000"]}', "NUL"),
    "a raw nul": (b'{"a": "\x00"}', "not valid JSON"),
    "nan": (b'{"a": NaN}', "NaN"),
    "infinity": (b'{"a": -Infinity}', "Infinity"),
    "a whole number of 65 bits": (b'{"a": 9223372036854775808}', "64 bits"),
    "a whole number of 5000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "64 bits"),
    "a decimal beyond a double": (b'{"a": 1e309}', "beyond range"),
    "a decimal with a monstrous exponent": (b'{"a": 1e-999999999}', "beyond range"),
    "a decimal with 10000 digits": (b'{"a": 0.' + b"1" * 10000 + b"}", "digits"),
    "a name twice": (b'{"a": 1, "a": 2}', "twice"),
    "33 levels": (nested(33).encode(), "deeper than 32"),
    "100000 brackets": (b"[" * 100_000, "deeper than 32"),
    "100000 closed brackets": (b"[" * 100_000 + b"]" * 100_000, "deeper than 32"),
    "a list": (b"[1]", "must be a JSON object"),
    "a text": (b'"a"', "must be a JSON object"),
    "null": (b"null", "must be a JSON object"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_is_refused_with_a_sentence(post, name):
    body, words = REFUSED[name]
    answer = post("/api/echo", body)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert words in answer.json()["error"]


def test_good_json_arrives_as_it_was_sent(post):
    text = (
        '{"whole":-9223372036854775808,"price":24.99,"text":"\\ud83d\\ude00 æ \\\\u0041","none":null,"list":[true,{}]}'
    )
    answer = post("/api/echo", text)
    assert answer.status_code == 200
    assert answer.json()["body"] == {
        "whole": -(2**63),
        "price": 24.99,
        "text": "😀 æ \\u0041",
        "none": None,
        "list": [True, {}],
    }


def test_the_deepest_allowed_nesting_is_taken(post):
    assert post("/api/echo", nested(MAX_DEPTH)).status_code == 200


def test_many_small_objects_are_not_deep(post):
    assert post("/api/echo", '{"a":[' + ",".join(["{}"] * 500) + "]}").status_code == 200


def test_a_view_can_take_any_value(post):
    assert post("/api/anything", "[1]").json() == {"body": [1]}


def test_a_body_of_256_kilobytes_is_taken_and_one_byte_more_is_not(post):
    body = b'{"a": "%s"}'
    room = MAX_BYTES - len(body % b"")
    assert post("/api/echo", body % (b"x" * room)).status_code == 200
    answer = post("/api/echo", body % (b"x" * (room + 1)))
    assert (answer.status_code, answer.json()) == (413, {"success": False, "error": "The body is larger than 256 kB."})


def test_a_huge_body_is_refused_by_its_announced_length_without_reading_it(post):
    assert post("/api/echo", b"{}", CONTENT_LENGTH="9" * 5000).status_code == 413


@pytest.mark.parametrize("length", ["abc", "-5", "1.5", "²", "0x10"])
def test_a_malformed_length_is_400(post, length):
    assert post("/api/echo", b"{}", CONTENT_LENGTH=length).status_code == 400


def test_a_body_of_unannounced_length_is_411(api):
    assert api.generic("POST", "/api/echo", HTTP_TRANSFER_ENCODING="chunked").status_code == 411


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp",
     "application/json; charset=latin-1", "/", ";;;=", "multipart/form-data"],
)  # fmt: skip
def test_any_other_content_type_is_415(post, kind):
    answer = post("/api/echo", b"{}", content_type=kind)
    assert answer.status_code == 415
    assert answer.json() == {"success": False, "error": "The body must be sent as application/json."}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON;Charset=UTF-8"])
def test_utf_8_may_be_named(post, kind):
    assert post("/api/echo", b"{}", content_type=kind).status_code == 200


def test_no_body_is_an_empty_object(api):
    assert api.generic("POST", "/api/echo").json() == {"body": {}}


def test_a_connection_that_breaks_while_sending_is_no_failure_of_ours(monkeypatch):
    from tests.dialects.views import Echo

    class Broken(io.BytesIO):
        def read(self, *args):
            raise OSError("gone")

    request = RequestFactory().generic("POST", "/api/echo", b"{}", content_type="application/json")
    request._stream = Broken()
    assert Echo.as_view()(request).status_code == 400
