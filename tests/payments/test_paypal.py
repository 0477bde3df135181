"""What is PayPal's own manner, beyond the contract of every gateway."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.gateways import paypal_answers as answers
from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayUnavailable, Outcome
from payments.gateways.paypal import PayPalGateway, look_up_capture
from tests.standins.faults import Fault
from tests.standins.paypal_server import PayPalStandIn

REQUEST = ChargeRequest(
    key="pay_1_purchase",
    provider="paypal",
    amount=5597,
    currency="USD",
    instrument="",
    order_reference="order-1",
    return_url="https://shop.example/orders/x/return",
)


@pytest.fixture
def gateway(paypal: PayPalStandIn) -> PayPalGateway:  # noqa: ARG001 - the settings lead to it
    return PayPalGateway()


@pytest.fixture
def approved(paypal, gateway) -> str:
    reference = gateway.purchase(REQUEST).reference
    paypal.approve(reference)
    return reference


@pytest.fixture
def captured(gateway, approved) -> str:
    gateway.capture(approved, amount=5597, key="c")
    return approved


class TestCreating:
    def test_the_payer_is_sent_to_paypal_and_back_to_the_order(self, paypal, gateway):
        result = gateway.purchase(REQUEST)
        assert result.outcome == Outcome.REQUIRES_ACTION
        assert result.action_url == f"https://www.sandbox.paypal.com/checkoutnow?token={result.reference}"
        context = paypal.writes[0].json["payment_source"]["paypal"]["experience_context"]
        assert context["return_url"] == REQUEST.return_url
        assert context["cancel_url"] == f"{REQUEST.return_url}?canceled=1"

    def test_the_order_is_named_so_that_paypals_reports_lead_back_to_it(self, paypal, gateway):
        gateway.purchase(REQUEST)
        unit = paypal.writes[0].json["purchase_units"][0]
        assert (unit["reference_id"], unit["custom_id"]) == ("order-1", REQUEST.key)

    def test_an_older_answer_with_the_link_approve_serves_as_well(self):
        order = {
            "id": "O1",
            "status": "CREATED",
            "purchase_units": [{"amount": {"currency_code": "USD", "value": "1.00"}}],
            "links": [{"rel": "self", "href": "https://a.example"}, {"rel": "approve", "href": "https://b.example"}],
        }
        result = answers.result_of(order)
        assert (result.outcome, result.action_url) == (Outcome.REQUIRES_ACTION, "https://b.example")


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "currency", "value"),
        [(5597, "USD", "55.97"), (5, "EUR", "0.05"), (500, "JPY", "500"), (50000, "HUF", "500"), (70000, "TWD", "700")],
    )
    def test_is_text_with_paypals_own_decimals(self, paypal, gateway, amount, currency, value):
        result = gateway.purchase(replace(REQUEST, amount=amount, currency=currency))
        assert paypal.writes[0].json["purchase_units"][0]["amount"] == {"currency_code": currency, "value": value}
        assert (result.amount, result.currency) == (amount, currency)

    @pytest.mark.parametrize(("amount", "currency"), [(50001, "HUF"), (1, "TWD"), (1001, "KWD")])
    def test_what_paypal_has_no_decimals_for_is_refused_before_anything_is_sent(
        self, paypal, gateway, amount, currency
    ):
        with pytest.raises(GatewayRefused):
            gateway.purchase(replace(REQUEST, amount=amount, currency=currency))
        assert paypal.log == []

    @pytest.mark.parametrize("said", [{}, {"value": "x", "currency_code": "USD"}, {"value": "1.005"}, {"value": 1.5}])
    def test_an_amount_that_cannot_be_read_is_no_answer(self, said):
        with pytest.raises(GatewayUnavailable):
            answers.minor({"currency_code": "USD"} | said if "value" in said else said)


class TestTaking:
    def test_an_approved_order_says_that_taking_is_our_call(self, gateway, approved):
        result = gateway.look_up(reference=approved, key="")
        assert (result.outcome, result.captured_amount) == (Outcome.APPROVED, 0)

    def test_what_is_not_approved_waits_for_its_payer_still(self, gateway):
        waiting = gateway.purchase(REQUEST)
        result = gateway.capture(waiting.reference, amount=5597, key="c")
        assert (result.outcome, result.action_url) == (Outcome.REQUIRES_ACTION, waiting.action_url)

    def test_another_amount_than_the_orders_is_refused_and_nothing_is_taken(self, paypal, gateway, approved):
        for amount in (5596, 5598, 0):
            with pytest.raises(GatewayRefused):
                gateway.capture(approved, amount=amount, key="c")
        assert paypal.captured() == 0

    def test_under_another_key_takes_nothing_more(self, paypal, gateway, captured):
        assert gateway.capture(captured, amount=5597, key="c2").captured_amount == 5597
        assert paypal.captured() == 1

    def test_one_that_somebody_took_meanwhile_is_looked_up(self, paypal, gateway, approved, monkeypatch):
        """ORDER_ALREADY_CAPTURED: between our reading and our taking."""
        order = gateway._order(approved)
        gateway.capture(approved, amount=5597, key="theirs")
        seen = [order]
        real = PayPalGateway._order
        monkeypatch.setattr(PayPalGateway, "_order", lambda self, ref: seen.pop() if seen else real(self, ref))
        assert gateway.capture(approved, amount=5597, key="ours").outcome == Outcome.CAPTURED
        assert "ORDER_ALREADY_CAPTURED" not in seen
        assert paypal.captured() == 1

    def test_a_declined_instrument_ends_the_attempt_with_a_sentence(self, paypal, gateway, approved):
        paypal.approve(approved, declines="INSTRUMENT_DECLINED")
        result = gateway.capture(approved, amount=5597, key="c")
        assert (result.outcome, result.decline_code) == (Outcome.DECLINED, "generic_decline")
        assert "choose another" in result.message

    def test_a_no_that_is_not_the_payers_is_refused(self, paypal, gateway, approved):
        paypal.approve(approved, declines="PAYEE_ACCOUNT_RESTRICTED")
        with pytest.raises(GatewayRefused):
            gateway.capture(approved, amount=5597, key="c")

    @pytest.mark.parametrize(
        ("settled", "outcome", "taken"),
        [("COMPLETED", Outcome.CAPTURED, 5597), ("DECLINED", Outcome.DECLINED, 0), ("FAILED", Outcome.DECLINED, 0)],
    )
    def test_a_pending_capture_is_in_doubt_until_paypal_has_settled_it(
        self, paypal, gateway, approved, settled, outcome, taken
    ):
        paypal.approve(approved, pends=True)
        assert gateway.capture(approved, amount=5597, key="c").outcome == Outcome.PROCESSING
        assert gateway.look_up(reference=approved, key="").captured_amount == 0
        paypal.settle_pending(approved, settled)
        result = gateway.look_up(reference=approved, key="")
        assert (result.outcome, result.captured_amount) == (outcome, taken)

    def test_held_money_is_held_and_taken_in_one_go_where_nobody_has_held_it(self, paypal, gateway):
        waiting = gateway.authorize(REQUEST)
        paypal.approve(waiting.reference)
        assert gateway.capture(waiting.reference, amount=1000, key="c").captured_amount == 1000
        assert gateway.capture(waiting.reference, amount=1000, key="c").captured_amount == 1000
        assert paypal.captured() == 1


class TestGivingUp:
    def test_nothing_is_asked_of_paypal_that_it_cannot_do(self, paypal, gateway):
        waiting = gateway.purchase(REQUEST)
        assert gateway.void(waiting.reference, key="v").outcome == Outcome.VOIDED
        assert [asked.method for asked in paypal.asked_for("/v2/")] == ["POST", "GET"]

    def test_what_the_payer_has_just_approved_is_not_given_up_blindly(self, gateway, approved):
        with pytest.raises(GatewayRefused):
            gateway.void(approved, key="v")


class TestPayingBack:
    def test_a_repeat_finds_its_own_refund_when_paypal_has_forgotten_the_request_id(self, paypal, gateway, captured):
        gateway.refund(captured, amount=5597, key="r")
        paypal._answers.clear()
        assert gateway.refund(captured, amount=5597, key="r").refunded_amount == 5597
        assert paypal.moved(captured) == 0

    def test_one_refund_goes_over_several_captures(self, paypal, gateway, captured):
        order = paypal.orders[captured]
        paypal.add_capture(captured, "10.00")
        assert gateway.refund(captured, amount=6000, key="r").refunded_amount == 6000
        assert [str(capture.left) for capture in order.captures] == ["0.00", "5.97"]
        assert gateway.refund(captured, amount=6000, key="r").refunded_amount == 6000

    def test_one_that_broke_off_between_two_captures_is_finished_by_its_repeat(self, paypal, gateway, captured):
        paypal.add_capture(captured, "10.00")
        second = paypal.orders[captured].captures[1].id
        paypal.fail(Fault.BREAK_BEFORE, path=f"/v2/payments/captures/{second}", times=3)
        with pytest.raises(GatewayUnavailable):
            gateway.refund(captured, amount=6000, key="r")
        assert gateway.refund(captured, amount=6000, key="r").refunded_amount == 6000

    def test_one_made_in_paypals_own_pages_counts(self, paypal, gateway, captured):
        paypal.refund_by_hand(captured, "5.97")
        assert gateway.look_up(reference=captured, key="").refunded_amount == 597
        with pytest.raises(GatewayRefused):
            gateway.refund(captured, amount=5001, key="r")


class TestLookingUpACapture:
    def test_tells_amount_currency_status_and_order(self, paypal, captured):
        capture = look_up_capture(paypal.orders[captured].captures[0].id)
        assert capture is not None
        assert (capture.amount, capture.currency) == (5597, "USD")
        assert (capture.status, capture.order_id) == ("COMPLETED", captured)

    def test_of_one_that_paypal_does_not_know_is_none(self, paypal):  # noqa: ARG002
        assert look_up_capture("../../oauth2/token?x=1") is None

    def test_with_paypal_out_of_reach_is_no_answer(self, paypal):
        paypal.fail(Fault.ERROR_500, path="/v2/", times=3)
        with pytest.raises(GatewayUnavailable):
            look_up_capture("C1")


def test_every_write_carries_a_request_id_of_its_own(paypal, gateway, captured):
    gateway.refund(captured, amount=100, key="r")
    held = gateway.authorize(replace(REQUEST, key="h")).reference
    paypal.approve(held)
    gateway.hold(held, key="h_hold")
    gateway.void(held, key="h_void")
    ids = [asked.headers.get("paypal-request-id") for asked in paypal.writes]
    assert all(ids)
    assert len(set(ids)) == len(ids) == 6


def test_no_read_carries_a_body(paypal, gateway, captured):
    gateway.look_up(reference=captured, key="")
    assert [asked.body for asked in paypal.log if asked.method == "GET"] == [b""] * 3
