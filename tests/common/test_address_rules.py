import pytest

from common import address_rules
from common.address_rules import NOWHERE, lines_of, rules_of, stand_in_for_city
from common.countries import CODES

HOME = {"address_line1": "1 High Street", "address_line2": "Flat 2", "city": "Townsville"}


def address(country: str, **changes: str) -> dict[str, str]:
    return HOME | {"country": country} | changes


def test_every_country_has_a_form_that_can_be_filled_in():
    for country in sorted(CODES):
        rules = rules_of(country)
        assert rules.fields.index("address_line2") == rules.fields.index("address_line1") + 1, country
        assert rules.required <= set(rules.fields), country
        assert all(rules.labels[name] for name in rules.fields), country
        assert not rules.code_example or rules.is_code(rules.code_example), country
        assert len({area.value for area in rules.areas}) == len(rules.areas), country


@pytest.mark.parametrize(
    ("country", "labels"),
    [
        ("US", ["City", "State", "ZIP code"]),
        ("CA", ["City", "Province", "Postal code"]),
        ("GB", ["Town or city", "Postcode"]),
        ("DE", ["Postal code", "City"]),
        ("JP", ["Prefecture", "Postal code"]),
        ("IE", ["City", "County", "Eircode"]),
        ("IN", ["City", "PIN code", "State"]),
        ("SG", ["Postal code"]),
        ("AE", ["Emirate"]),
    ],
)
def test_a_country_has_its_own_fields_in_its_own_order_by_its_own_names(country, labels):
    rules = rules_of(country)
    assert [rules.labels[name] for name in rules.fields[2:]] == labels


def test_what_is_no_country_asks_for_everything_that_one_may_need():
    assert rules_of("") is rules_of("XX") is rules_of("zz") is NOWHERE


@pytest.mark.parametrize("name", ["CA", "california", "California "])
def test_an_area_is_known_by_each_of_its_names(name):
    area = rules_of("US").area(name)
    assert (area.value, area.label) == ("CA", "California")


def test_an_area_that_is_written_in_other_letters_is_kept_in_ours():
    area = rules_of("JP").area("東京都")
    assert (area.value, area.label) == ("Tokyo", "Tokyo")


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("US", "94105"),
        ("US", "94105-1234"),
        ("GB", "sw1a 1aa"),
        ("DK", "DK-2100"),
        ("CH", "CH-8001"),
    ],
)
def test_a_postal_code_is_taken_as_people_write_it(country, code):
    assert rules_of(country).is_code(code)


@pytest.mark.parametrize(("country", "code"), [("US", "9410"), ("DE", "1011"), ("GB", "94105"), ("CA", "94105")])
def test_a_postal_code_of_elsewhere_is_none(country, code):
    assert not rules_of(country).is_code(code)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (address("US", state="CA", postal_code="94105"), ["1 High Street", "Flat 2", "Townsville, CA 94105"]),
        (address("US", address_line2="", city="", state="CA"), ["1 High Street", "CA"]),
        (address("DE", postal_code="10115"), ["1 High Street", "Flat 2", "10115 Townsville"]),
        (
            address("GB", address_line2="", state="Kent", postal_code="CT1"),
            ["1 High Street", "Townsville", "CT1", "Kent"],
        ),
        (address("SG", city="Singapore", postal_code="546080"), ["1 High Street", "Flat 2", "SINGAPORE 546080"]),
        (address("AE", city="Dubai", state="Dubai"), ["1 High Street", "Flat 2", "Dubai"]),
        ({}, []),
    ],
)
def test_an_address_is_written_as_its_country_does_and_nothing_given_is_left_out(given, lines):
    assert lines_of(given) == lines


def test_where_a_country_writes_no_city_the_address_has_one_all_the_same():
    assert stand_in_for_city("SG", "") == "Singapore"
    assert stand_in_for_city("AE", "Dubai") == "Dubai"


def test_a_countrys_file_is_read_once(monkeypatch):
    reads = []
    real = address_rules.load_validation_data
    monkeypatch.setattr(address_rules, "load_validation_data", lambda code: reads.append(code) or real(code))
    rules_of.cache_clear()
    for _ in range(3):
        rules_of("FR")
    assert reads.count("FR") == 1
