"""How the goods are sent: as was said, else the cheapest way."""

import pytest

from purchases.discovery import ShippingMethod
from purchases.filling import Refusal
from purchases.shipping import choose_method

STANDARD = ShippingMethod(1, "Standard Shipping", 599)
EXPRESS = ShippingMethod(2, "Express Shipping", 1499)
METHODS = [EXPRESS, STANDARD]


@pytest.mark.parametrize(
    ("said", "method"),
    [("", STANDARD), ("2", EXPRESS), ("express", EXPRESS), ("Express Shipping", EXPRESS), ("STANDARD", STANDARD)],
)
def test_it_is_found(said, method):
    assert choose_method(METHODS, said=said) == method


@pytest.mark.parametrize("said", ["shipping", "overnight", "3", "-", "express standard"])
def test_it_is_not_guessed(said):
    refusal = choose_method(METHODS, said=said)
    assert isinstance(refusal, Refusal)
    assert '"Express Shipping" and "Standard Shipping"' in refusal.note


def test_a_shop_that_sends_nothing():
    assert isinstance(choose_method([], said=""), Refusal)
