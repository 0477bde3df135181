"""A mail's two forms: both say everything, neither asks another host for anything, and the look is the shop's."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

import pytest
from django.core import mail

from common import looks, mails
from common.mails import Letter, Link, Row

LETTER = Letter(
    subject="Your order",
    title="Thank you",
    paragraphs=("First line.\nSecond line.", "Another paragraph."),
    rows=(Row("T-Shirt", "Blue", 2, "$24.99", "$49.98", "http://127.0.0.1:8000/pictures/t-shirt-blue.png"),),
    sums=(("Items", "$49.98"), ("Total", "$55.97")),
    facts=(("To", "John Doe, 123 Main Street"),),
    highlight="Your code TEN",
    button=Link("See your order", "http://127.0.0.1:8000/orders/x"),
    small_print="Small print.",
    reason="You get this because you asked for it.",
    unsubscribe=Link("No more", "http://127.0.0.1:8000/unsubscribe/x"),
)
_OWN = "127.0.0.1:8000"


@pytest.mark.parametrize("form", [mails.text_of, mails.html_of])
def test_both_forms_say_everything(form):
    said = form(LETTER)
    for part in ("Thank you", "Another paragraph.", "T-Shirt", "Blue", "$49.98", "Total", "$55.97", "123 Main Street"):
        assert part in said
    for part in ("Your code TEN", "See your order", "/orders/x", "Small print.", "asked for it", "/unsubscribe/x"):
        assert part in said


def test_it_is_one_mail_of_two_forms(settings):
    mails.send(LETTER, to="ada@example.com", message_id=mails.message_id("test", "a:b"))
    message = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=default)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (message["Message-ID"], message["Auto-Submitted"]) == ("<test.a.b@127.0.0.1>", "auto-generated")


def test_every_address_in_it_is_this_shops():
    addresses = re.findall(r'(?:href|src)="([^"]+)"|url\(([^)]+)\)', mails.html_of(LETTER))
    assert {urlsplit(one or other).netloc for one, other in addresses} == {_OWN}


def test_only_goods_are_pictured_and_they_say_nothing_by_themselves():
    pictures = re.findall(r"<img [^>]+>", mails.html_of(LETTER))
    assert len(pictures) == 1
    assert 'alt=""' in pictures[0]
    assert "<img" not in mails.html_of(Letter("S", ("P",), Link("L", "http://127.0.0.1:8000/")))


def test_it_is_drawn_by_day_and_by_night_in_the_stylesheets_colors():
    day, night = looks.colors()
    html = mails.html_of(LETTER)
    assert f"background:{day['accent']};color:{day['on_accent']}" in html
    by_night = html[html.index("prefers-color-scheme:dark") :]
    assert f"background:{night['accent']}!important;color:{night['on_accent']}!important" in by_night
    assert '<meta name="color-scheme" content="light dark">' in html
    assert day["accent"] != night["accent"]


def test_no_color_is_missing():
    assert not re.search(r"(background|color|solid|dashed)[: ]*(;|!|\"|})", mails.html_of(LETTER))


def test_what_somebody_wrote_cannot_leave_its_place():
    html = mails.html_of(Letter("S", ("<script>alert(1)</script>",), Link("L", "http://127.0.0.1:8000/"), title="<b>"))
    assert "<script>" not in html
    assert "<b>" not in html
