"""Something in every table the merchant's pages show. A model that is registered and has no row here fails the tests
of the pages: add it."""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import keys
from accounts.models import Scope, User
from carts.models import Cart, CartLine, Refusal
from catalog.models import DiscountRedemption, Reservation, StockAdjustment
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.persons import email_key
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from outbox.models import JobRun, OutboxEvent
from payments.models import Difference, GatewayEvent, Payment, PaymentEntry, PaymentLink, TestCharge
from payments.states import EventStatus, PaymentStatus
from prepaid import services as prepaid
from purchases.models import Purchase, PurchaseEvent
from recovery.models import Consent, Enrolment, Message, RecoveryLink, Sequence, Step, StepText, Suppression
from tests.factories import ADDRESS, make_discount, make_product, make_shipping, make_variant

TOTAL = 2599


def make_cart(number: int = 1, **values: object) -> Cart:
    cart = Cart.objects.create(**{"currency": "USD", "email": f"ada.{number}@example.com"} | values)
    variant = make_variant(make_product(f"Mug {number}"))
    CartLine.objects.create(cart=cart, variant=variant, quantity=2)
    return cart


_REFUSED = {
    Refusal.Kind.DISCOUNT: ("discount_invalid", "expired"),
    Refusal.Kind.STOCK: ("not_enough_stock", ""),
    Refusal.Kind.SHIPPING: ("shipping_method_not_found", ""),
    Refusal.Kind.TOTAL: ("total_changed", ""),
    Refusal.Kind.DECLINES: ("too_many_declines", ""),
}


def refuse(cart: Cart, kind: Refusal.Kind, subject: str = "", *, at: datetime | None = None) -> Refusal:
    at = at or timezone.now()
    code, reason = _REFUSED[kind]
    values = {"kind": kind, "code": code, "subject": subject, "reason": reason, "first_at": at, "last_at": at}
    return cart.refusals.create(**values)


def make_order(number: int = 1, *, cart: Cart | None = None, **values: object) -> Order:
    order = Order.objects.create(
        **{
            "source": f"test:{number}",
            "number": f"ORD-2026-{number:04d}",
            "status": OrderStatus.ACCEPTED,
            "cart": cart,
            "email": f"ada.{number}@example.com",
            "shipping_address": ADDRESS,
            "billing_address": ADDRESS,
            "currency": "USD",
            "items_amount": 2000,
            "discount_amount": 0,
            "shipping_amount": 599,
            "total_amount": TOTAL,
            "captured_amount": TOTAL,
            "expires_at": timezone.now(),
        }
        | values
    )
    for name in ("Small", "Large"):
        OrderLine.objects.create(
            order=order,
            product_id=1,
            variant_id=1,
            product_name="Mug",
            variant_name=name,
            sku=f"MUG-{name}",
            unit_amount=1000,
            quantity=1,
        )
    return order


def make_payment(order: Order, number: int = 1, **values: object) -> Payment:
    payment = Payment.objects.create(
        **{
            "order": order,
            "provider": "stripe",
            "gateway": "test",
            "gateway_reference": f"test_ref_{number}",
            "idempotency_key": f"key_{number}",
            "status": PaymentStatus.CAPTURED,
            "currency": order.currency,
            "amount": order.total_amount,
            "captured_amount": order.total_amount,
        }
        | values
    )
    PaymentEntry.objects.create(
        payment=payment,
        heard_from="answer",
        outcome="captured",
        status_before="created",
        status_after="captured",
        captured_amount=payment.captured_amount,
        refunded_amount=0,
    )
    return payment


def make_event(payment: Payment, number: int = 1, **values: object) -> GatewayEvent:
    return GatewayEvent.objects.create(
        **{
            "gateway": "stripe",
            "event_id": f"evt_{number}",
            "type": "payment_intent.succeeded",
            "reference": payment.gateway_reference,
            "payment": payment,
            "status": EventStatus.DONE,
            "outcome": "The gateway was asked.",
            "raw": {"id": f"evt_{number}", "data": {"object": {"id": payment.gateway_reference}}},
            "created_at": timezone.now(),
        }
        | values
    )


def make_link(order: Order, number: int = 1, **values: object) -> PaymentLink:
    return PaymentLink.objects.create(
        **{
            "token_hash": f"{number:064}",
            "salt": f"{number:064}",
            "owner": f"order:{number}",
            "owner_version": "",
            "amount": order.total_amount,
            "currency": order.currency,
            "order": order,
            "expires_at": timezone.now() + timedelta(days=7),
        }
        | values
    )


def make_checkout(number: int = 1, **values: object) -> Checkout:
    """An active one, with a cart of its own, unless said otherwise."""
    return Checkout.objects.create(
        **{
            "cart": values.pop("cart", None) or make_cart(number),
            "status": CheckoutStatus.ACTIVE,
            "shipping_address": ADDRESS,
            "shown_total_amount": TOTAL,
            "expires_at": timezone.now() + timedelta(hours=1),
        }
        | values
    )


def fill(first: int, count: int) -> None:
    """`count` rows in each table, numbered from `first`."""
    for number in range(first, first + count):
        _fill_sales(number)
        _fill_system(number)
        _fill_recovery(number)


def _fill_sales(number: int) -> None:
    discount, method = make_discount(f"CODE{number}", off_amount=500), make_shipping(f"Post {number}")
    cart = make_cart(number)
    refuse(cart, Refusal.Kind.DISCOUNT, f"GUESS{number}")
    order = make_order(number, cart=cart)
    payment = make_payment(order, number)
    make_event(payment, number)
    Difference.objects.create(payment=payment, kind="refunded", ours="$0.00", theirs="$5.00")
    make_link(order, number)
    make_checkout(cart=cart, order=order, status=CheckoutStatus.COMPLETED, shipping_method=method, discount=discount)
    stock = cart.lines.get().variant.stock
    Reservation.objects.create(holder=f"test:{number}", stock=stock, quantity=1)
    StockAdjustment.objects.create(variant=stock.variant, on_hand_before=0, on_hand_after=5, reason="received")
    DiscountRedemption.objects.create(discount=discount, holder=f"test:{number}")


def _fill_system(number: int) -> None:
    OutboxEvent.objects.create(name="order.accepted", key=f"event:{number}", last_error="Broken", attempts=1)
    JobRun.objects.create(name=f"job.{number}")
    User.objects.create(username=f"user-{number}", email=f"user-{number}@example.com")
    Group.objects.create(name=f"group-{number}")
    keys.create(name=f"Key {number}", scope=Scope.TRACKER)
    _fill_purchases(number)
    AccessAttempt.objects.create(username=f"user-{number}", ip_address="10.0.0.1", failures_since_start=1)
    TestCharge.objects.create(
        key=f"key_{number}",
        reference=f"test_ref_{number}",
        provider="stripe",
        outcome="captured",
        currency="USD",
        amount=TOTAL,
    )


def _fill_purchases(number: int) -> None:
    key, _ = keys.create(name=f"Agent {number}", scope=Scope.PURCHASE)
    prepaid.top_up(prepaid.account_of(key).pk, 10_000, key=f"test:{number}", note="Cash")
    now = timezone.now()
    purchase = Purchase.objects.create(key=key, url="http://127.0.0.1:8000/products/x", deadline_at=now)
    PurchaseEvent.objects.create(purchase=purchase, step="guard", note="Allowed.")


def _fill_recovery(number: int) -> None:
    now = timezone.now()
    cart = make_cart(number, status="abandoned", abandoned_at=now)
    sequence = Sequence.objects.create(name=f"Sequence {number}")
    step = Step.objects.create(sequence=sequence, delay_seconds=3600)
    StepText.objects.create(step=step, language="en", subject="Your cart", body="Hello {name},")
    person = {"person": email_key(cart.email)}
    own = {"sequence": sequence, "spell_at": now, "origin_at": now, "due_at": now, **person}
    enrolment = Enrolment.objects.create(cart=cart, **own)
    message = Message.objects.create(enrolment=enrolment, step=step, outcome="sent", decided_at=now, **person)
    RecoveryLink.objects.create(token_hash=f"hash {number}", cart=cart, message=message, expires_at=now)
    Suppression.objects.create(hint="a***@example.com", reason="unsubscribed", **person)
    Consent.objects.create(hint="a***@example.com", text_version="1", source="test", **person)


def staff_with(*permissions: str) -> User:
    """A member of staff, not a superuser, with these: "orders.view_order"."""
    from django.contrib.auth.models import Permission

    user = User.objects.create(username=f"staff-{User.objects.count()}", is_staff=True)
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user
