"""What a caller sent is in no line of the log where it is a key or a card."""

from __future__ import annotations

import logging

import pytest

from common.logs import Lines

TOKEN = "pl_9xY-zA_b.c:d0123456789"


def line(message: str, *arguments: object) -> str:
    return Lines("{message}", style="{").format(logging.LogRecord("x", 30, "", 1, message, arguments, None))


@pytest.mark.parametrize("path", ["orders", "pay", "recover", "unsubscribe"])
def test_the_key_in_an_address_is_left_out(path):
    said = line("Forbidden (%s): %s", "CSRF cookie not set.", f"/{path}/{TOKEN}/return?canceled=1")
    assert said == f"Forbidden (CSRF cookie not set.): /{path}/.../return?canceled=1"


def test_other_addresses_stay():
    assert line("GET /products/organic-cotton-t-shirt /admin/orders/order/") == (
        "GET /products/organic-cotton-t-shirt /admin/orders/order/"
    )
