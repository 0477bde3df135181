"""The gateways of money that others report: they look up and pay back, where that can be, and never charge."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payments.gateways import registry
from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayUnavailable, Outcome, RefundState
from tests.payments.table import CAPTURE, PAYPAL_ORDER, captured_at
from tests.standins.faults import Answer, Fault

ASKED = ChargeRequest("k", "paypal", 100, "USD", "", "o", "https://example.com")


@pytest.mark.parametrize("name", ["unverified", "paypal_capture"])
class TestWhatWasTakenElsewhere:
    @pytest.mark.parametrize("verb", ["prepare", "host", "authorize", "purchase"])
    def test_is_never_charged(self, name, verb):
        with pytest.raises(GatewayRefused):
            getattr(registry.gateway(name), verb)(ASKED)

    def test_is_neither_captured_nor_voided_here(self, name):
        for act in (lambda: registry.gateway(name).capture("C", amount=1, key="k"),
                    lambda: registry.gateway(name).void("C", key="k")):  # fmt: skip
            with pytest.raises(GatewayRefused):
                act()

    def test_has_no_tokens(self, name):
        assert not registry.gateway(name).understands("tok_visa")
        assert registry.gateway(name).card_of("tok_visa") == ""


def test_nobody_can_be_asked_about_what_was_never_verified():
    with pytest.raises(GatewayUnavailable):
        registry.gateway("unverified").look_up(reference="C", key="")
    with pytest.raises(GatewayRefused):
        registry.gateway("unverified").refund("C", amount=1, key="k")


def test_paypal_vouches_where_its_keys_are_set(paypal, settings):
    assert registry.gateway_name_for_reports() == "paypal_capture"
    settings.PAYPAL_CLIENT_SECRET = ""
    assert registry.gateway_name_for_reports() == "unverified"


class TestACaptureAtPayPal:
    @pytest.fixture
    def gateway(self, paypal):
        captured_at(paypal, "20.00", "OTHER")
        captured_at(paypal, "30.00")
        return registry.gateway("paypal_capture")

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [("COMPLETED", Outcome.CAPTURED), ("PENDING", Outcome.PROCESSING), ("DECLINED", Outcome.DECLINED),
         ("FAILED", Outcome.DECLINED), ("SOMETHING_NEW", Outcome.PROCESSING)],
    )  # fmt: skip
    def test_is_what_paypal_says(self, gateway, paypal, status, outcome):
        paypal.orders[PAYPAL_ORDER].captures[1].status = status
        said = gateway.look_up(reference=CAPTURE, key="")
        assert (said.outcome, said.amount, said.currency, said.paid_under) == (outcome, 3000, "USD", PAYPAL_ORDER)
        assert said.captured_amount == (3000 if outcome == Outcome.CAPTURED else 0)

    def test_that_is_not_known_is_a_no(self, gateway):
        assert gateway.look_up(reference="NONE", key="").outcome == Outcome.DECLINED
        with pytest.raises(GatewayRefused):
            gateway.refund("NONE", amount=1, key="k")

    def test_is_paid_back_once_under_one_key_and_the_others_are_left_alone(self, gateway, paypal):
        for _ in range(2):
            paypal._answers.clear()  # PayPal has forgotten its request ids
            said = gateway.refund(CAPTURE, amount=1000, key="k1")
            (row,) = said.refunds
            assert (said.refunded_amount, row.key, row.amount, row.state) == (1000, "k1", 1000, RefundState.DONE)
        gateway.refund(CAPTURE, amount=2000, key="k2")
        assert [capture.left for capture in paypal.orders[PAYPAL_ORDER].captures] == [Decimal("20.00"), 0]
        assert gateway.look_up(reference="OTHER", key="").refunds == ()

    def test_that_paypal_calls_otherwise_is_another_one(self, gateway, paypal):
        """Else one capture could be reported once in each way of writing it."""
        paypal.orders[PAYPAL_ORDER].captures[1].id = CAPTURE.lower()
        shown = paypal._show_capture(paypal.orders[PAYPAL_ORDER], paypal.orders[PAYPAL_ORDER].captures[1])
        paypal.fail(Fault.SAYS, path=f"/v2/payments/captures/{CAPTURE}", answer=Answer(200, shown))
        assert gateway.look_up(reference=CAPTURE, key="").outcome == Outcome.DECLINED

    def test_more_than_is_left_is_refused(self, gateway):
        with pytest.raises(GatewayRefused):
            gateway.refund(CAPTURE, amount=3001, key="k")

    def test_whose_order_paypal_has_put_away_still_tells_what_it_can(self, gateway, paypal):
        paypal.fail(Fault.SAYS, path="/v2/checkout/orders", times=9, answer=_gone())
        said = gateway.refund(CAPTURE, amount=1000, key="k1")
        assert (said.refunded_amount, said.refunds[0].key) == (1000, "k1")
        gateway.refund(CAPTURE, amount=2000, key="k2")
        assert gateway.look_up(reference=CAPTURE, key="").refunded_amount == 3000

    @pytest.mark.parametrize("fault", [Fault.BREAK_BEFORE, Fault.ERROR_500, Fault.HANG_BEFORE])
    def test_that_cannot_be_asked_about_is_unknown_to_nobody(self, gateway, paypal, fault):
        paypal.fail(fault, path="/v2/payments/captures", times=3)
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(reference=CAPTURE, key="")


def _gone() -> Answer:
    return Answer(404, {"name": "RESOURCE_NOT_FOUND", "message": "gone", "details": []})
