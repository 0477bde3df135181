"""The arithmetic of money, for any basket. `EXAMPLES` baskets each here; set it higher to look longer."""

import os
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.pricing import DiscountOffer, PricedLine, price
from common.money import BASIS_POINTS, allocate, exponent, share_of, to_major, to_minor

EXAMPLES = int(os.environ.get("PRICE_EXAMPLES", "200"))
TEN_THOUSAND = 10_000
CURRENCIES = ["USD", "EUR", "JPY", "KWD", "DKK", "CLP"]

amounts = st.integers(0, 10**12)
lines = st.lists(st.builds(PricedLine, unit_amount=st.integers(0, 10**7), quantity=st.integers(1, 10_000)), max_size=20)
offers = st.builds(
    DiscountOffer, basis_points=st.integers(0, BASIS_POINTS), off_amount=amounts, minimum_amount=st.integers(0, 10**8)
)
many = settings(max_examples=EXAMPLES, deadline=None)


def check(basket: list[PricedLine], offer: DiscountOffer | None, shipping: int, tax: int) -> None:
    totals = price(basket, discount=offer, shipping_amount=shipping, tax_amount=tax)
    assert totals.items_amount == sum(line.unit_amount * line.quantity for line in basket)
    assert totals.items_amount - totals.discount_amount + shipping + tax == totals.total_amount
    assert 0 <= totals.discount_amount <= totals.items_amount
    assert sum(totals.line_discounts) == totals.discount_amount
    assert len(totals.line_discounts) == len(basket)
    for line, off in zip(basket, totals.line_discounts, strict=True):
        assert 0 <= off <= line.amount
    if offer and totals.items_amount < offer.minimum_amount:
        assert totals.discount_amount == 0


@many
@given(lines, st.none() | offers, amounts, amounts)
def test_any_basket_adds_up_to_the_last_minor_unit(basket, offer, shipping, tax):
    check(basket, offer, shipping, tax)


def test_ten_thousand_random_baskets_of_everyday_size_add_up():
    dice = random.Random(1)
    for _ in range(TEN_THOUSAND):
        basket = [PricedLine(dice.randrange(100_00), dice.randint(1, 12)) for _ in range(dice.randint(0, 8))]
        percent = dice.choice([0, 500, 1000, 1750, 2500, 3333, 10_000])
        offer = DiscountOffer(percent, dice.choice([0, 0, 500, 99_999]), dice.choice([0, 0, 100_00]))
        check(basket, offer, dice.choice([0, 599, 1499]), dice.choice([0, 833]))


def test_a_quarter_of_49_98_is_12_50_and_the_documented_total_is_43_47():
    totals = price([PricedLine(2499, 2)], discount=DiscountOffer(basis_points=2500), shipping_amount=599)
    assert (totals.items_amount, totals.discount_amount, totals.total_amount) == (4998, 1250, 4347)


@pytest.mark.parametrize(("items", "off"), [(4998, 1250), (5002, 1251), (5001, 1250), (5003, 1251)])
def test_half_a_cent_off_is_rounded_up_for_odd_and_even_cents(items, off):
    assert price([PricedLine(items, 1)], discount=DiscountOffer(basis_points=2500)).discount_amount == off


@pytest.mark.parametrize(("items", "off"), [(9999, 0), (10_000, 1000), (10_001, 1000)])
def test_a_minimum_is_reached_by_exactly_that_amount(items, off):
    offer = DiscountOffer(basis_points=1000, minimum_amount=10_000)
    assert price([PricedLine(items, 1)], discount=offer).discount_amount == off


@many
@given(amounts, st.integers(0, BASIS_POINTS))
def test_a_share_is_the_nearest_whole_amount_half_up(amount, basis_points):
    exact = Decimal(amount) * basis_points / BASIS_POINTS
    assert -Decimal("0.5") < share_of(amount, basis_points) - exact <= Decimal("0.5")


@many
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_parts_add_up_and_none_is_a_unit_away_from_its_fair_share(amount, weights):
    if sum(weights) == 0:
        amount = 0
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights) or 1
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * whole - amount * weight) < whole
        assert part >= 0
        assert weight or not part


def test_an_amount_cannot_be_divided_among_nothing():
    with pytest.raises(ValueError, match="among nothing"):
        allocate(1, [0, 0])
    assert allocate(0, []) == []


@many
@given(st.integers(-(10**15), 10**15), st.sampled_from(CURRENCIES))
def test_there_and_back_is_the_same_amount(amount, currency):
    major = to_major(amount, currency)
    assert to_minor(major, currency) == amount
    assert to_minor(Decimal(str(major)), currency) == amount


@many
@given(st.decimals(-(10**9), 10**9, places=4), st.sampled_from(CURRENCIES))
def test_more_decimals_than_the_currency_has_are_refused_and_never_rounded(value, currency):
    is_whole = (value * 10 ** exponent(currency)) % 1 == 0
    if is_whole:
        assert to_major(to_minor(value, currency), currency) == value
    else:
        with pytest.raises(ValueError, match="decimals"):
            to_minor(value, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "major"), [(2499, "USD", "24.99"), (2499, "JPY", "2499"), (1, "KWD", "0.001")]
)
def test_the_minor_unit_is_the_currencys_own(amount, currency, major):
    assert str(to_major(amount, currency)) == major
