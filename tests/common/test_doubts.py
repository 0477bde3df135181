import pytest

from common.doubts import doubt_of_phone, likely_email


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmal.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("GMIAL.COM", "gmail.com"),
        ("hotnail.fr", "hotmail.fr"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("t-onlin.de", "t-online.de"),
        ("example.con", "example.com"),
    ],
)
def test_a_slip_in_a_domain_is_seen(typed, meant):
    assert likely_email(f" Ada.L+shop@{typed} ") == f"Ada.L+shop@{meant}"


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "googlemail.com", "yahoo.com.br", "yahoo.co.id", "email.com", "mail.com", "ymail.com", "live.com"]
    + ["me.com", "gmx.net", "proton.me", "orange.com", "company.co", "company.cm", "example.com", "xn--mnchen-3ya.de"],
)
def test_a_real_domain_is_left_alone(domain):
    assert likely_email(f"ada@{domain}") == ""


@pytest.mark.parametrize("typed", ["", "ada", "@gmial.com", "ada@", "ada@.", "ada@con"])
def test_what_is_no_address_is_nobodys_slip(typed):
    assert likely_email(typed) == ""


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("", "US"),
        ("(415) 555-2671", "US"),
        ("+1 415 555 2671", "DE"),
        ("020 7946 0018", "GB"),
        ("0176 12345678", "DE"),
        ("+4512345678", ""),
        ("12345", ""),  # from where it is dialed is not known yet
    ],
)
def test_a_phone_number_that_can_be_dialed_is_left_alone(phone, country):
    assert doubt_of_phone(phone, country) == ""


@pytest.mark.parametrize(
    ("phone", "country", "words"),
    [
        ("12", "US", "whole phone number"),
        ("+451234567", "", "whole phone number"),
        ("call me", "US", "does not look like a phone number"),
        ("+999 123456", "US", "does not look like a phone number"),
    ],
)
def test_a_phone_number_that_cannot_be_dialed_is_doubted(phone, country, words):
    assert words in doubt_of_phone(phone, country)
