"""What a mail says: text and HTML from one source, in the language and currency frozen on the cart."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from carts.models import Cart, CartItem, Door
from catalog.models import Discount, Stock
from common import languages
from recovery import letters, texts
from recovery.models import StepText
from recovery.things import things_of
from tests.factories import LARGE_BLUE_ID
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, add_step, make_sequence

NAMED = {"full_name": "Ada Lovelace"}


@pytest.fixture
def step(shop):
    return make_sequence(3600).steps.get()


def write(cart: Cart, step):
    return letters.write(cart, step, things_of(cart), now=timezone.now())


def html_of(letter) -> str:
    return letter.message.alternatives[0].content


class Reader(HTMLParser):
    """Collects addresses, and complains about a page that does not close what it opens."""

    VOID = {"meta", "br", "img", "link", "hr"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.pictures: list[dict] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.pictures.append(values)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(letter) -> Reader:
    reader = Reader()
    reader.feed(html_of(letter))
    assert reader.open == []
    return reader


class TestBothForms:
    def test_say_the_same(self, step):
        letter = write(make_abandoned(**NAMED), step)
        for form in (letter.message.body, html_of(letter)):
            for part in ("Hello Ada Lovelace,", "Demo Shop", "$49.98", "Organic Cotton T-Shirt", "Medium / Blue"):
                assert part in form
            assert f"/recover/{letter.link_token}" in form
            assert f"/unsubscribe/{letter.unsubscribe_token}" in form

    def test_the_html_closes_what_it_opens_and_its_pictures_have_a_size(self, step, settings):
        reader = read(write(make_abandoned(), step))
        assert {link.split("/")[3] for link in reader.links} == {"recover", "unsubscribe"}
        assert [(picture["width"], picture["alt"]) for picture in reader.pictures] == [("60", "")]
        assert reader.pictures[0]["src"] == f"{settings.BASE_URL}/pictures/t-shirt-blue.png"

    def test_what_a_shopper_or_merchant_writes_cannot_leave_its_place(self, shop):
        body = "Hello {name},\n\n<script>alert(1)</script>"
        step = add_step(make_sequence(60), 3600, subject="{name} & Co", body=body)
        letter = write(make_abandoned(full_name="<b>{code}</b>\r\nBcc: all@example.com"), step)
        assert "<script>" not in html_of(letter)
        assert "<b>" not in html_of(letter)
        assert letter.subject == "<b>{code}</b> Bcc: all@example.com & Co"
        assert "<b>{code}</b>" in letter.message.body

    def test_what_cannot_be_bought_any_more_is_left_out(self, step):
        cart = make_abandoned()
        cart.lines.create(variant_id=LARGE_BLUE_ID, quantity=1)
        Stock.objects.filter(variant_id=LARGE_BLUE_ID).update(on_hand=0)
        body = write(cart, step).message.body
        assert "Large" not in body
        assert "$49.98" in body

    def test_another_stores_things_have_no_picture(self, step):
        cart = make_abandoned(pieces=0, door=Door.TRACKER)
        CartItem.objects.create(cart=cart, name="Lamp", unit_amount=4999, quantity=2)
        letter = write(cart, step)
        assert "2 x Lamp: $99.98" in letter.message.body
        assert read(letter).pictures == []


class TestHeaders:
    def test_one_click_unsubscribe_and_a_message_id_of_its_own(self, step, settings):
        letter = write(make_abandoned(), step)
        message = message_from_bytes(letter.message.message().as_bytes(), policy=default)
        assert message["List-Unsubscribe"].strip() == f"<{settings.BASE_URL}/unsubscribe/{letter.unsubscribe_token}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Message-ID"] == f"<recovery.{letter.public_id.hex}@127.0.0.1>"
        assert message.get_content_type() == "multipart/alternative"

    def test_an_address_with_a_line_break_never_leaves(self, step):
        letter = write(make_abandoned("ada@example.com\nBcc: x@example.com"), step)
        with pytest.raises(ValueError, match="newlines"):
            letter.message.message()


class TestLanguages:
    @pytest.mark.parametrize("language", languages.NAMES)
    def test_each_has_every_sentence_and_its_own_way_with_numbers(self, shop, language):
        step = make_sequence(3600).steps.get()
        step.basis_points = 1050
        StepText.objects.create(step=step, language=language + "-x", subject="S", body="B")
        StepText.objects.filter(step=step, language="en").update(language=language)
        letter = write(make_abandoned(language=language, currency="EUR"), step)
        words = texts.words(language)
        assert letter.language == language
        assert words["back"] in letter.message.body
        assert ("€49.98" if language == "en" else "49,98") in letter.message.body
        assert not re.search(r"[{}]", letter.message.body)

    def test_a_language_without_a_text_gets_the_shops(self, step, settings):
        StepText.objects.create(step=step, language="de", subject="Ihr Warenkorb", body="Guten Tag {name},")
        assert write(make_abandoned(language="fr"), step).language == "en"
        assert write(make_abandoned(language="de-AT"), step).language == "de"
        settings.LANGUAGE_CODE = "de"
        assert write(make_abandoned(language="fr"), step).language == "de"

    def test_one_that_exists_nowhere_is_written_as_in_english(self, step):
        StepText.objects.filter(step=step).update(language="tlh")
        assert "$49.98" in write(make_abandoned(language="tlh"), step).message.body


class TestCodes:
    @pytest.fixture
    def step(self, shop):
        values = {"basis_points": 1000, "floor_amount": 2000, "currency": "USD", "code_life_seconds": 86_400}
        body = "Use {code} for {discount} off until {until}."
        sequence = make_sequence(3600)
        sequence.steps.update(is_active=False)
        return add_step(sequence, 7200, body=body, **values)

    def test_a_code_comes_with_the_mail_that_was_claimed(self, step):
        time = Time()
        cart = make_abandoned(**NAMED)
        time.run()
        time.on(hours=2.1).run()
        discount = Discount.objects.get(code__startswith="BACK")
        assert (discount.usage_limit, discount.basis_points) == (1, 1000)
        assert timedelta(days=1) <= discount.ends_at - time.now <= timedelta(days=2.5)
        assert discount.terms.get().minimum_amount == 2000
        assert f"Use {discount.code} for 10% off until" in mail.outbox[0].body
        assert cart.recovery_links.get().discount == discount

    @pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
    def test_it_is_good_all_of_the_day_that_the_mail_names_wherever_it_is_read(self, step, settings, zone):
        settings.TIME_ZONE = zone
        now = datetime(2026, 3, 5, 17, tzinfo=UTC)  # the 5th in Los Angeles, the 6th in Auckland
        letter = letters.write(make_abandoned(**NAMED), step, [], now=now)
        day = {"America/Los_Angeles": 6, "Pacific/Auckland": 7}[zone]
        assert f"until March {day}, 2026" in letter.message.body
        assert letter.code_ends_at >= datetime(2026, 3, day, 23, 59, 59, tzinfo=ZoneInfo("Pacific/Pago_Pago"))

    def test_none_is_made_where_no_mail_goes(self, step):
        time = Time()
        make_abandoned(pieces=1, currency="EUR")
        time.run()
        time.on(hours=2.1).run()
        assert mail.outbox == []
        assert not Discount.objects.filter(code__startswith="BACK").exists()


class TestPlaceholders:
    @pytest.mark.parametrize("text", ["Hello {nmae}", "{}", "{link}", "{code}"])
    def test_one_that_stands_for_nothing_is_refused(self, text):
        with pytest.raises(ValidationError):
            texts.check(text, gives_a_code=False)

    def test_all_that_are_named_are_filled_in(self):
        texts.check(" ".join(f"{{{name}}}" for name in texts.PLACEHOLDERS), gives_a_code=True)

    def test_an_empty_one_takes_its_blank_along(self):
        assert texts.fill("Hello {name}, see {shop}", {"name": "", "shop": "us"}) == "Hello, see us"
