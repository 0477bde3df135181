"""Many who want money back at the same moment get no more than there is."""

import pytest

from common.errors import ErrorCode
from payments import refunds
from payments import services as payments
from payments.models import Refund, TestCharge
from tests.payments.builders import TOTAL, make_order
from tests.races.crowd import tally, together

pytestmark = pytest.mark.usefixtures("ten_shirts")


def test_ten_requests_for_a_third_each_pay_back_three():
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    third = TOTAL // 3
    answers = tally(
        together(10, lambda number: refunds.refund_order(order.pk, amount=third, reason="x", request_key=str(number)))
    )
    assert answers == {"done": 3, ErrorCode.REFUND_TOO_LARGE: 7}
    assert TestCharge.objects.get().refunded_amount == 3 * third
    order.refresh_from_db()
    assert order.refunded_amount == 3 * third


def test_one_request_ten_times_at_once_pays_back_once():
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    together(10, lambda _: refunds.refund_order(order.pk, amount=1000, reason="x", request_key="one"))
    assert Refund.objects.count() == 1
    assert TestCharge.objects.get().refunded_amount == 1000
