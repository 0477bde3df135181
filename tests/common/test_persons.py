"""One address, however it is written, is one person; two addresses are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.persons import email_key, national_phone_key, normalized_email, normalized_phone, phone_key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("ada@example.com.", "ada@example.com"),
        ("ada@Bücher.de", "ada@xn--bcher-kva.de"),
        ("\uff41\uff44\uff41@example.com", "ada@example.com"),
        ("ada+shop@example.com", "ada+shop@example.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ('"a@b"@example.com', '"a@b"@example.com'),
        ("no address", ""),
        ("@example.com", ""),
        ("ada@", ""),
        ("", ""),
    ],
)
def test_addresses_are_compared_in_one_form(typed, kept):
    assert normalized_email(typed) == kept


@given(st.text(max_size=60))
def test_any_text_has_a_form_that_is_its_own(text):
    assert normalized_email(normalized_email(text)) == normalized_email(text)
    assert len(email_key(text)) in {0, 64}


@pytest.mark.parametrize("typed", ["+45 12 34 56 78", "0045 12345678", "45-1234-5678", "(45) 12345678"])
def test_a_phone_number_is_its_digits(typed):
    assert normalized_phone(typed) == "4512345678"


@pytest.mark.parametrize(
    ("abroad", "at_home"),
    [("+45 12 34 56 78", "12345678"), ("0045 12345678", "12 34 56 78"), ("+49 171 2345678", "0171 2345678"),
     ("+1 (212) 555-0100", "2125550100")],
)  # fmt: skip
def test_a_number_with_its_countrys_code_and_as_it_is_dialled_at_home_have_a_form_in_common(abroad, at_home):
    assert national_phone_key(abroad) == national_phone_key(at_home) != ""
    assert national_phone_key(abroad) not in {phone_key(abroad), phone_key(at_home)}


@pytest.mark.parametrize("typed", ["", "112", "none", "+1 23"])
def test_few_digits_identify_nobody(typed):
    assert phone_key(typed) == ""


def test_a_phone_number_is_never_taken_for_an_address():
    assert email_key("4512345678@example.com") != phone_key("4512345678")
