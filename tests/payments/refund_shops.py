"""The three gateways as a merchant who pays back meets them: one set of words for each stand-in's books and faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol

import pytest
from django.test import override_settings

from orders.models import Order
from payments import reconcile
from payments import services as payments
from payments.gateways.base import GatewayRefused, GatewayUnavailable, RefundState
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge
from tests.checkouts.shopping import deliver_events
from tests.payments.events_sent import STRIPE_SECRET, hear_paypal, hear_stripe
from tests.standins.at_paypal import empty_paypal, shop_with_paypal
from tests.standins.at_stripe import empty_stripe, shop_with_stripe
from tests.standins.faults import Answer, Fault
from tests.standins.paypal_server import PayPalStandIn
from tests.standins.stripe_server import StripeStandIn


class Where(Protocol):
    """A gateway at which an order was paid. Amounts in minor units of USD."""

    def pay(self, order: Order) -> Payment: ...

    def paid_back(self) -> int:
        """By the gateway's own books, what may still fail included."""

    def refunds(self) -> list[str]:
        """The gateway's references, oldest first."""

    def by_hand(self, payment: Payment, amount: int) -> str:
        """In the gateway's own pages; its reference."""

    def pend(self) -> None:
        """From now on a refund waits for its bank."""

    def settle(self, reference: str, state: RefundState) -> None: ...

    def break_off(self, *, after_the_work: bool) -> None:
        """From now on no refund is answered."""

    def refuse(self) -> None: ...

    def mend(self) -> None: ...

    def tell(self, reference: str) -> None:
        """The gateway's event about a refund arrives and is worked on."""


class AtTest:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._mended = TestGateway.refund

    def pay(self, order: Order) -> Payment:
        return payments.pay_order(order.pk, provider="test", instrument="tok_visa")

    def paid_back(self) -> int:
        return TestCharge.objects.get().refunded_amount

    def refunds(self) -> list[str]:
        return [kept["reference"] for kept in TestCharge.objects.get().refunds]

    def by_hand(self, payment: Payment, amount: int) -> str:
        TestGateway().refund_by_hand(payment.gateway_reference, amount=amount)
        return self.refunds()[-1]

    def pend(self) -> None:
        self._patch.setattr(TestGateway, "refunds_pend", True)

    def settle(self, reference: str, state: RefundState) -> None:
        charge = TestCharge.objects.get()
        TestGateway().settle_refund(charge.reference, self.refunds().index(reference), state)

    def break_off(self, *, after_the_work: bool) -> None:
        real = self._mended

        def breaks(gateway: TestGateway, reference: str, *, amount: int, key: str) -> None:
            if after_the_work:
                real(gateway, reference, amount=amount, key=key)
            raise GatewayUnavailable("no route")

        self._patch.setattr(TestGateway, "refund", breaks)

    def refuse(self) -> None:
        def never(*_: object, **__: object) -> None:
            raise GatewayRefused("The charge is too old.")

        self._patch.setattr(TestGateway, "refund", never)

    def mend(self) -> None:
        self._patch.setattr(TestGateway, "refund", self._mended)

    def tell(self, reference: str) -> None:  # noqa: ARG002 - it has told already
        deliver_events()


class AtStripe:
    def __init__(self, server: StripeStandIn) -> None:
        self.server = server

    def pay(self, order: Order) -> Payment:
        return payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")

    def paid_back(self) -> int:
        return sum(charge["amount_refunded"] for charge in self.server.books.charges.values())

    def refunds(self) -> list[str]:
        return list(self.server.books.refunds)

    def by_hand(self, payment: Payment, amount: int) -> str:
        found = self.server.books.refund({"payment_intent": payment.gateway_reference, "amount": str(amount)})
        return str(found["id"])

    def pend(self) -> None:
        self.server.books.refunds_become = "pending"

    def settle(self, reference: str, state: RefundState) -> None:
        words = {RefundState.DONE: "succeeded", RefundState.FAILED: "failed"}
        self.server.books.settle_refund(reference, words[state])

    def break_off(self, *, after_the_work: bool) -> None:
        fault = Fault.BREAK_AFTER if after_the_work else Fault.BREAK_BEFORE
        self.server.fail(fault, method="POST", path="/v1/refunds", times=1000)

    def refuse(self) -> None:
        error = {"type": "invalid_request_error", "code": "charge_expired_for_refund", "message": "Too old."}
        answer = Answer(400, {"error": error})
        self.server.fail(Fault.SAYS, method="POST", path="/v1/refunds", answer=answer, times=1000)

    def mend(self) -> None:
        self.server.mend()

    def tell(self, reference: str) -> None:
        hear_stripe("refund.updated", self.server.books.refunds[reference])
        deliver_events()


class AtPayPal:
    def __init__(self, server: PayPalStandIn) -> None:
        self.server = server

    def pay(self, order: Order) -> Payment:
        waiting = payments.pay_order(order.pk, provider="paypal", instrument="")
        self.server.approve(waiting.gateway_reference)
        return reconcile.look_up(waiting.pk)

    def paid_back(self) -> int:
        captures = [capture for order in self.server.orders.values() for capture in order.captures]
        return int(sum(capture.value - capture.left for capture in captures) * 100)

    def refunds(self) -> list[str]:
        return [refund["id"] for refund in self.server.refunds()]

    def by_hand(self, payment: Payment, amount: int) -> str:
        self.server.refund_by_hand(payment.gateway_reference, str(Decimal(amount) / 100))
        return self.refunds()[-1]

    def pend(self) -> None:
        self.server.refunds_become = "PENDING"

    def settle(self, reference: str, state: RefundState) -> None:
        words = {RefundState.DONE: "COMPLETED", RefundState.FAILED: "FAILED"}
        self.server.settle_refund(reference, words[state])

    def break_off(self, *, after_the_work: bool) -> None:
        fault = Fault.BREAK_AFTER if after_the_work else Fault.BREAK_BEFORE
        self.server.fail(fault, method="POST", path="/v2/payments/captures", times=1000)

    def refuse(self) -> None:
        body = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "REFUND_TIME_LIMIT_EXCEEDED"}]}
        answer = Answer(422, body)
        self.server.fail(Fault.SAYS, method="POST", path="/v2/payments/captures", answer=answer, times=1000)

    def mend(self) -> None:
        self.server.mend()

    def tell(self, reference: str) -> None:
        refund = next(refund for refund in self.server.refunds() if refund["id"] == reference)
        hear_paypal(self.server, "PAYMENT.CAPTURE.REFUNDED", "refund", refund)
        deliver_events()


@contextmanager
def paid_at(name: str, patch: pytest.MonkeyPatch) -> Iterator[Where]:
    """The shop takes its payments there, and hears of what becomes of them."""
    if name == "stripe":
        stripe = empty_stripe()
        with shop_with_stripe(stripe), override_settings(STRIPE_WEBHOOK_SECRET=STRIPE_SECRET):
            yield AtStripe(stripe)
    elif name == "paypal":
        paypal = empty_paypal()
        with shop_with_paypal(paypal):
            yield AtPayPal(paypal)
    else:
        yield AtTest(patch)
