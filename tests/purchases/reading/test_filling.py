"""Who buys and where the goods go, as people write it."""

import pytest

from common import cards
from purchases.filling import Filled, Refusal, fill

HOME = {
    "address_line1": "123 Main Street",
    "address_line2": "Apt 4B",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62704",
    "country": "US",
}
FILLED = Filled("john@example.com", "John Doe", "+15551234567", HOME)
JOHN = {"email": "john@example.com", "name": "John Doe", "phone": "+15551234567"}

SPELLED = {
    "flat, our own names": {"email": "john@example.com", "full_name": "John Doe", "phone": "+15551234567"} | HOME,
    "flat, camelCase": {
        "emailAddress": "john@example.com", "firstName": "John", "lastName": "Doe", "phoneNumber": "+15551234567",
        "addressLine1": "123 Main Street", "addressLine2": "Apt 4B", "city": "Springfield", "state": "IL",
        "postalCode": "62704", "countryCode": "us",
    },
    "nested": JOHN | {"shipping_address": HOME},
    "nested, camelCase": JOHN | {
        "shippingAddress": {"line1": "123 Main Street", "line2": "Apt 4B", "town": "Springfield", "province": "IL",
                            "zip": "62704", "country": "United States"},
    },
    "as Stripe writes it": {
        "email": "john@example.com",
        "shipping": {"name": "John Doe", "phone": "+15551234567", "address": {
            "line1": "123 Main Street", "line2": "Apt 4B", "city": "Springfield", "state": "IL",
            "postal_code": "62704", "country": "US"}},
    },
    "as Shopify writes it": {
        "email": "john@example.com",
        "shipping_address": {"first_name": "John", "last_name": "Doe", "phone": "+15551234567",
                             "address1": "123 Main Street", "address2": "Apt 4B", "city": "Springfield",
                             "province": "IL", "province_code": "IL", "zip": "62704", "country": "United States",
                             "country_code": "US"},
    },
    "customer with an address": {
        "customer": {"email": "john@example.com", "fullName": "John Doe", "mobile": "+15551234567", "address": HOME},
    },
    "street beside the rest": JOHN | {
        "address": "123 Main Street", "apt": "Apt 4B", "city": "Springfield", "state": "IL", "zip_code": "62704",
        "country": "USA",
    },
    "with prefixes": JOHN | {f"shipping_{name}": value for name, value in HOME.items()},
    "a ZIP as a number": JOHN | HOME | {"postal_code": 62704},
    "with blanks around": {name: f"  {value} " for name, value in (JOHN | HOME).items()},
    "with what is not ours": JOHN | HOME | {"prompt": "Large", "size": "L", "notes": ["a", "b"], "gift": True},
    "with an empty object": JOHN | HOME | {"shipping_address": {}, "customer": {}},
    "state and its code": JOHN | HOME | {"province": "Illinois", "region": "US-IL"},
    "the same everywhere": JOHN | HOME | {"shipping_address": HOME | {"country": "USA"},
                                          "customer": JOHN | {"phone": "+1 555 1234567"}, "country": "United States"},
    "the same said twice": JOHN | HOME | {"email_address": "john@example.com", "full_name": "John Doe"},
}  # fmt: skip


@pytest.mark.parametrize("user_data", SPELLED.values(), ids=SPELLED)
def test_it_is_understood(user_data):
    assert fill(user_data) == FILLED


@pytest.mark.parametrize(
    ("written", "code"),
    [("de", "DE"), ("Germany", "DE"), ("Deutschland", "DE"), ("UK", "GB"), ("Great Britain", "GB"), ("U.S.A.", "US"),
     ("Bosnia and Herzegovina", "BA"), ("the netherlands", "NL"), ("T\u00fcrkiye", "TR")],
)  # fmt: skip
def test_countries_by_name(written, code):
    assert fill(JOHN | HOME | {"country": written}).address["country"] == code


def test_a_zip_sent_as_a_number_gets_its_zero_back():
    assert fill(JOHN | HOME | {"postal_code": 2139}).address["postal_code"] == "02139"
    assert fill(JOHN | HOME | {"postal_code": 2139, "country": "DK"}).address["postal_code"] == "2139"


def test_a_house_number_apart_joins_its_street():
    split = JOHN | {"street": "Hauptstr.", "house_number": "5a", "city": "Berlin", "zip": "10115", "country": "DE"}
    assert fill(split).address["address_line1"] == "Hauptstr. 5a"
    assert fill(split | {"street": "Hauptstr. 5a"}).address["address_line1"] == "Hauptstr. 5a"


@pytest.mark.parametrize(
    "said", [{"shipping": {"method": "express"}}, {"shipping": "express"}, {"delivery": {"service": "express"}},
             {"shipping_address": {"shipping_method": "express"}}, {"shipping_speed": "express"}],
)  # fmt: skip
def test_how_it_is_sent_is_read_where_people_write_it(said):
    assert fill(JOHN | HOME | said).shipping_method == "express"


@pytest.mark.parametrize("name", ["shipping_method", "shippingMethod", "shipping_option", "delivery_method"])
def test_how_it_is_sent_is_passed_on(name):
    assert fill(JOHN | HOME | {name: "express"}).shipping_method == "express"
    assert fill(JOHN | HOME | {name: 2}).shipping_method == "2"


def test_everything_missing_is_said_at_once():
    assert fill({}) == Refusal(
        "user_data lacks an e-mail address, a name, a street (address_line1), a city and a country."
    )
    assert fill({"email": "test@example.com", "prompt": "Size Large, Color Blue"}).note.startswith(
        "user_data lacks a name"
    )


def test_what_is_wrong_is_said_with_what_is_missing():
    note = fill({"email": "nobody", "name": "John", "country": "Narnia", "city": ["x"]}).note
    assert "lacks a street (address_line1)." in note
    assert "The e-mail address is none." in note
    assert "The country is not known: send its two letters, like US." in note
    assert "The city must be a text." in note
    assert "a city" not in note


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            {"email": "a@example.com", "email_address": "b@example.com"},
            "The e-mail address is given twice, differently",
        ),
        ({"postal_code": "1", "zip": "2"}, "The postal code is given twice, differently"),
        ({"city": "x" * 101}, "The city is too long"),
        ({"city": "Spring\x00field"}, "control characters"),
        ({"city": "Spring\ud800field"}, "control characters"),
        ({"phone": True}, "The phone must be a text"),
        ({"postal_code": 1.5}, "The postal code must be a text"),
        ({"full_name": "x" * 201}, "The name is too long"),
        ({"name": None, "first_name": "A" * 150, "last_name": "B" * 150}, "The name is too long"),
        ({"address_line1": "x" * 190, "house_number": "1" * 20}, "The street (address_line1) is too long"),
        ({"address_line1": ["x"]}, "The street (address_line1) must be a text"),
        ({"name": {"first": 5.5}}, "The first name must be a text"),
        ({"name": {"nick": "A"}}, "The name must be a text, or an object of a first and a last name"),
        ({"first_name": "Jane", "last_name": "Roe"}, "The name is given twice, differently"),
        ({"shipping_name": "Jane Roe"}, "The name is given twice, differently"),
        ({"customer": {"email": "jane@example.com"}}, "The e-mail address is given twice, differently"),
        ({"contact": {"phone": "+1 555 7654321"}}, "The phone is given twice, differently"),
        ({"state": "IL", "province": "NY"}, "The state is given twice, differently"),
        ({"state": "Illinois", "province_code": "NY"}, "The state is given twice, differently"),
        ({"shipping_city": "Berlin"}, "The city is given twice, differently"),
        ({"shipping_address": HOME | {"address_line1": "5 Elm Street"}}, "The address is given twice, differently"),
        ({"shipping_address": HOME | {"city": "Berlin"}}, "The address is given twice, differently"),
        ({"shipping_address": HOME, "delivery_address": HOME | {"city": "Berlin"}}, "The address is given twice"),
        ({"shippingAddress": HOME, "shipping_address": HOME | {"city": "Berlin"}}, "The address is given twice"),
        ({"shipping_method": {"id": 2}}, "The shipping method must be a text"),
        ({"shipping_method": True}, "The shipping method must be a text"),
        ({"shippingMethod": ["express"]}, "The shipping method must be a text"),
        ({"shipping_method": "express", "shippingMethodId": 1}, "The shipping method is given twice, differently"),
        ({"shipping_method": "express", "shipping": {"method": "standard"}}, "The shipping method is given twice"),
    ],
)
def test_what_cannot_be_taken_is_refused(wrong, why):
    assert why in fill(JOHN | HOME | wrong).note


@pytest.mark.parametrize(
    "wrong",
    [{"email": "jane.secret@@x"}, {"country": "jane.secret"}, {"shipping_method": ["jane.secret"]},
     {"name": "jane.secret", "full_name": "jane.other"}, {"customer": {"email": "jane.secret@example.com"}}],
)  # fmt: skip
def test_what_is_wrong_is_not_repeated(wrong):
    assert "jane" not in fill(JOHN | HOME | wrong).note


@pytest.mark.parametrize(
    "held", [{"notes": "4242 4242 4242 4242"}, {"payment": {"card": ["4242424242424242"]}}, {"card": {"cvv": "123"}}]
)
def test_card_numbers_are_refused_and_not_repeated(held):
    note = fill(JOHN | HOME | held).note
    assert "card's number" in note
    assert not cards.has_card_number(note)


def test_two_addresses_are_not_mixed():
    both = JOHN | {"city": "Berlin", "country": "DE", "shipping_address": {"street": "Main St 1"}}
    assert fill(both).note == "user_data lacks a city and a country."


def test_the_shipping_address_wins_over_the_billing_address():
    assert fill(JOHN | {"billing_address": HOME | {"city": "Elsewhere"}, "shipping_address": HOME}).address == HOME
    assert "lacks a street" in fill(JOHN | {"billing_address": HOME}).note


def test_defaults_fill_in_what_is_not_said():
    defaults = JOHN | {"address": HOME, "shipping_method": "express"}
    only_mail = fill({"email": "jane@example.com"}, defaults=defaults)
    assert (only_mail.email, only_mail.full_name, only_mail.address) == ("jane@example.com", "John Doe", HOME)
    assert only_mail.shipping_method == "express"


NAMED = [
    {"first_name": "Ada", "last_name": "Lovelace"},
    {"contact": {"firstName": "Ada", "lastName": "Lovelace"}},
    {"shipping_name": "Ada Lovelace"},
    {"shippingFirstName": "Ada", "shippingLastName": "Lovelace"},
    {"name": {"first": "Ada", "last": "Lovelace"}},
    {"customer": {"name": {"given": "Ada", "family": "Lovelace"}}},
    {"shipping": {"name": "Ada Lovelace"}},
]


@pytest.mark.parametrize("said", NAMED)
def test_a_name_that_is_said_wins_however_it_is_written(said):
    defaults = JOHN | {"address": HOME}
    assert fill({"email": "ada@b.co"} | said | {"address": HOME}, defaults=defaults).full_name == "Ada Lovelace"
    assert fill({"email": "ada@b.co"} | said, defaults=defaults).full_name == "Ada Lovelace"


def test_a_name_with_its_title_is_the_same():
    said = JOHN | HOME | {"name": "Dr. John Doe", "first_name": "John", "last_name": "Doe"}
    assert fill(said).full_name == "Dr. John Doe"


def test_but_an_address_comes_whole_from_one_of_the_two():
    assert "lacks a city" in fill({"street": "Main St 1", "country": "US"}, defaults=JOHN | {"address": HOME}).note
