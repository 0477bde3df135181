"""What counts as a card number and what does not: a shopper's phone number or a barcode must never be refused."""

from __future__ import annotations

import random

import pytest

from common.cards import blotted, has_card_number, holds_card_data, without_card_numbers

CARDS = [
    "4242424242424242",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111+1111+1111+1111",
    "4111%201111%201111%201111",
    "4111/1111/1111/1111",
    "4111,1111,1111,1111",
    "3782,822463,10005",
    "4111\u200b1111\u200b1111\u200b1111",
    "4\u200b111111111111111",
    "\u200b".join("4111111111111111"),
    "4111\u00b9\u2460\u2081\u00b9 11111111",
    "4111\u20031111\u20031111\u20031111",
    "\uff14\uff11\uff11\uff11 1111 1111 1111",
    "\u0664\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661",
    "%34111111111111111",
    "%2534%2531%2531111111111%31111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "3782 822463 10005",
    "6011111111111117",
    "3056 930902 5904",
    "3566002020360505",
    "6200000000000005",
    "5019717010103742",
    "4000000000000000006",
]
OTHERS = [
    "+4512345678",
    "+49 1512 3456789",
    "+494111111111111",
    "0049 1512 345 678",
    "020 7946 0958",
    "4006381333931",  # EAN-13
    "4012345678901",
    "9400 1000 0000 0000 0000 00",  # a parcel's
    "1Z999AA10123456784",
    "ORD-2026-0001",
    "2026-11-24 16:45:02.391844",
    "1732464302391",
    "4242424242424241",  # fails the check
    "8d1c2f0e-58a4-4f0e-9a51-1d1f3c0a9e42",
    "40 42 44 46 48 50 52 54",  # sizes
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "12 Main Street, Apt 4242",
    "DE89 3704 0044 0532 0130 00",  # IBANs
    "GB82 WEST 1234 5698 7654 32",
    "4111, 1111, 1111, 1111",  # a list of four
    "41111111,11111111",
    "40/2026/11/24/4000",
    "\uff12\uff14\u5e74 \u0661\u0662\u0663",
    "100%, caf\u00e9 %C3%A9, x\u2071",
    "",
]


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_found_alone_and_among_words(card: str):
    for text in (card, f"Card: {card}, thanks", f"12 {card} 345", f"tok_{card}", f"{card}@example.com"):
        assert has_card_number(text), text
        assert card not in without_card_numbers(text)


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_are_none(text: str):
    assert not has_card_number(text)
    assert without_card_numbers(text) == text


def test_a_blot_leaves_the_rest():
    said = without_card_numbers("4242424242424242 and 4111 1111 1111 1111.")
    assert said == "[card number] and [card number]."


def test_a_blot_covers_what_was_hidden_and_no_more():
    said = without_card_numbers("caf\u00e9 \u200b%34111\u200b111111111111 \uff14\uff12 caf\u00e9")
    assert said == "caf\u00e9 \u200b[card number] \uff14\uff12 caf\u00e9"


def test_of_random_digits_few_are_taken_for_a_card():
    """So rare that an order number of some other system is hardly ever refused."""
    draw = random.Random(1)
    texts = ["".join(draw.choices("0123456789", k=16)) for _ in range(20_000)]
    assert sum(map(has_card_number, texts)) < 0.05 * len(texts)


def test_free_json_holds_card_data_in_texts_numbers_names_and_under_names_of_secrets():
    for body in (
        {"note": ["x", {"y": "4242 4242 4242 4242"}]},
        {"note": 4242424242424242},
        {"4242424242424242": "x"},
        {"card": {"CVV": "123"}},
        {"cvc": 123},
        {"securityCode": "123"},
        {"card_cvc": 123},
        {"CVV-code": "123"},
        {"csc": ["123"]},
        {"ccNumber": "1"},
        {"note": "cvv 123"},
        {"note": "my CVC: 1234, thanks"},
        {"note": "the security code is \uff11\uff12\uff13"},
    ):
        assert holds_card_data(body), body
    assert not holds_card_data(
        {"note": "CSC 80 and CVC 160gsm", "code": "123", "cvc_check": "pass", "card": {"brand": "x"}}
    )
    assert not holds_card_data({"note": "Gift wrap", "size": 42, "ok": True, "none": None, "cvv": "", "x": 1.5})


def test_blotted_json_keeps_everything_else():
    raw = {"id": "evt_1", "amount": 4242, "card": {"cvc": "123", "note": "4242424242424242", "last4": "4242"}}
    assert blotted(raw) == {"id": "evt_1", "amount": 4242, "card": {"note": "[card number]", "last4": "4242"}}
