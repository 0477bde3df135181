"""The way to PayPal: one token for all, no call without end, no money moved twice, no secret in a log."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from payments.gateways import paypal_transport
from payments.gateways.base import GatewayUnavailable
from payments.gateways.paypal_answers import PayPalRefusal
from payments.gateways.paypal_transport import PayPalTransport
from tests.standins.at_paypal import transport_to
from tests.standins.faults import Answer, Fault
from tests.standins.paypal_server import CLIENT_ID, CLIENT_SECRET, PayPalStandIn

ORDERS = "v2/checkout/orders"
BODY = {
    "intent": "CAPTURE",
    "purchase_units": [{"amount": {"currency_code": "USD", "value": "1.00"}}],
    "payment_source": {
        "paypal": {"experience_context": {"return_url": "https://x.example/r", "cancel_url": "https://x.example/c"}}
    },
}


@pytest.fixture
def transport(paypal: PayPalStandIn) -> PayPalTransport:
    return transport_to(paypal)


class TestTheToken:
    def test_twenty_cold_threads_fetch_one(self, paypal, transport):
        paypal.fail(Fault.SLOW, path="/v1/oauth2/token", seconds=0.2)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda n: transport.write(ORDERS, BODY, key=f"k{n}"), range(20)))
        assert len({answer["id"] for answer in answers}) == 20
        assert paypal.tokens_given == 1

    def test_is_kept_until_a_minute_before_its_end(self, paypal, transport, monkeypatch):
        paypal.token_lives = 100
        now = time.monotonic()
        for later, given in ((0, 1), (39, 1), (41, 2)):
            monkeypatch.setattr(paypal_transport.time, "monotonic", lambda later=later: now + later)
            transport.write(ORDERS, BODY, key="k")
            assert paypal.tokens_given == given

    def test_one_that_paypal_no_longer_takes_is_replaced_once(self, paypal, transport):
        transport.write(ORDERS, BODY, key="k1")
        paypal.tokens.clear()
        assert transport.write(ORDERS, BODY, key="k2")["id"]
        assert paypal.tokens_given == 2

    def test_threads_that_are_refused_together_fetch_one_new_token(self, paypal, transport):
        transport.write(ORDERS, BODY, key="k")
        paypal.tokens.clear()
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda n: transport.write(ORDERS, BODY, key=f"k{n}"), range(10)))
        assert paypal.tokens_given == 2

    def test_refused_for_ever_ends_after_one_fresh_token(self, paypal, transport):
        paypal.refuses_tokens = True
        with pytest.raises(GatewayUnavailable):
            transport.write(ORDERS, BODY, key="k")
        assert paypal.tokens_given == 2
        assert len(paypal.asked_for("/v2/")) == 2

    def test_wrong_keys_are_an_error_at_once(self, paypal):
        wrong = PayPalTransport(client_id=CLIENT_ID, client_secret="wrong", endpoint=paypal.url)
        with pytest.raises(GatewayUnavailable):
            wrong.ask(f"{ORDERS}/X")
        assert len(paypal.log) == 1

    def test_the_calls_own_headers_do_not_go_with_the_token_call(self, paypal, transport):
        transport.write(ORDERS, BODY, key="k")
        token, create = paypal.log
        assert "paypal-request-id" not in token.headers
        assert create.headers["paypal-request-id"] == "k"


class TestAskingAgain:
    @pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.ERROR_500, Fault.BREAK_BEFORE, Fault.BREAK_AFTER])
    def test_a_call_with_a_request_id_is_tried_three_times_and_done_once(self, paypal, transport, fault):
        paypal.fail(fault, path="/v2/", times=2)
        answer = transport.write(ORDERS, BODY, key="k")
        assert len(paypal.asked_for("/v2/")) == 3
        assert list(paypal.orders) == [answer["id"]]

    def test_the_fourth_try_is_the_reconcilers(self, paypal, transport):
        paypal.fail(Fault.TOO_MANY, path="/v2/", times=9)
        with pytest.raises(GatewayUnavailable):
            transport.write(ORDERS, BODY, key="k")
        assert len(paypal.asked_for("/v2/")) == 3

    @pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.ERROR_500, Fault.BREAK_AFTER])
    def test_a_call_without_a_request_id_is_tried_once(self, paypal, transport, fault):
        paypal.fail(fault, path="/v2/")
        with pytest.raises(GatewayUnavailable):
            transport.request(f"{paypal.url}/{ORDERS}", "POST", BODY)
        assert len(paypal.asked_for("/v2/")) == 1

    def test_a_read_may_always_be_repeated(self, paypal, transport):
        order = transport.write(ORDERS, BODY, key="k")
        paypal.fail(Fault.BREAK_BEFORE, method="GET")
        assert transport.ask(f"{ORDERS}/{order['id']}")["id"] == order["id"]

    def test_a_gateway_that_hangs_is_left_within_the_limit_and_not_asked_again(self, paypal, transport):
        transport.write(ORDERS, BODY, key="k0")
        paypal.fail(Fault.HANG_AFTER, path="/v2/")
        with pytest.raises(GatewayUnavailable):  # the stand-in would hold the line for ever
            transport.write(ORDERS, BODY, key="k1")
        assert len(paypal.asked_for("/v2/")) == 2

    def test_a_slow_gateway_is_not_asked_again_in_one_call(self, paypal, transport, monkeypatch):
        monkeypatch.setattr(paypal_transport, "NO_RETRY_AFTER", 0.0)
        paypal.fail(Fault.ERROR_500, path="/v2/")
        with pytest.raises(GatewayUnavailable):
            transport.write(ORDERS, BODY, key="k")
        assert len(paypal.asked_for("/v2/")) == 1

    def test_nobody_at_the_address_is_no_clear_answer(self):
        nowhere = PayPalTransport(
            client_id="a", client_secret="b", endpoint="http://127.0.0.1:9", timeout=(0.5, 0.5), pauses=(0.01,)
        )
        with pytest.raises(GatewayUnavailable):
            nowhere.ask("v2/checkout/orders/X")


class TestWhatIsSentAndRead:
    def test_a_read_sends_no_body(self, paypal, transport):
        order = transport.write(ORDERS, BODY, key="k")
        transport.ask(f"{ORDERS}/{order['id']}")
        assert paypal.log[-1].body == b""
        assert "content-type" not in paypal.log[-1].headers

    def test_a_clear_no_is_raised_with_paypals_own_codes(self, transport):
        with pytest.raises(PayPalRefusal) as refusal:
            transport.write(ORDERS, BODY | {"wrong": 1}, key="k")
        assert refusal.value.status == 400
        assert "INVALID_PARAMETER_SYNTAX" in refusal.value.issues

    def test_a_proxys_page_is_no_clear_answer(self, paypal, transport):
        paypal.fail(Fault.HTML_502, path="/v2/", times=3)
        with pytest.raises(GatewayUnavailable):
            transport.write(ORDERS, BODY, key="k")

    @pytest.mark.parametrize(
        ("status", "body"),
        [(200, "<html>login</html>"), (404, "<html>not here</html>"), (200, [1]), (302, {}), (409, {}), (403, {})],
    )
    def test_what_is_not_paypals_word_is_no_clear_answer(self, paypal, transport, monkeypatch, status, body):
        headers = {"Location": "http://127.0.0.1:9/elsewhere"} if status == 302 else {}
        monkeypatch.setattr(paypal, "_once", lambda asked: Answer(status, body, headers))
        with pytest.raises(GatewayUnavailable):
            transport.ask(f"{ORDERS}/X")
        assert len(paypal.asked_for("/v2/")) == 1

    def test_connections_are_kept(self, paypal, transport):
        for number in range(3):
            transport.write(ORDERS, BODY, key=f"k{number}")
        pools = transport._session().get_adapter(paypal.url).poolmanager.pools
        assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 - not a dictionary


def test_nothing_secret_is_logged_even_at_debug(paypal, transport, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="paypalrestsdk")
    transport.write(ORDERS, BODY, key="k")
    paypal.tokens.clear()
    paypal.refuses_tokens = True
    with pytest.raises(GatewayUnavailable) as error:
        transport.write(ORDERS, BODY, key="k")
    said = caplog.text + repr(error.value)
    assert "PayPal POST /v2/checkout/orders" in caplog.text
    for secret in (CLIENT_SECRET, transport.basic_auth(), "A21AAF", "Bearer", "x.example"):
        assert secret not in said
