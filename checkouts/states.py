"""A checkout's life on one screen."""

from django.db.models import TextChoices

from common.states import Machine


class CheckoutStatus(TextChoices):
    ACTIVE = "active"  # the shopper is at it
    PAYING = "paying"  # the gateway is being asked: nothing may change until it has answered
    COMPLETED = "completed"  # there is an order
    EXPIRED = "expired"  # nobody did anything for CHECKOUT_EXPIRES_AFTER_SECONDS


S = CheckoutStatus
CHECKOUT = Machine(
    "checkout",
    {
        (S.ACTIVE, S.PAYING): "the shopper pressed the button; the order is written",
        (S.ACTIVE, S.COMPLETED): "there was nothing to pay, or an earlier try went through after all",
        (S.ACTIVE, S.EXPIRED): "its time ran out, or staff ended it",
        (S.PAYING, S.COMPLETED): "accepted, waiting for the shopper's approval, or in doubt: the order goes on",
        (S.PAYING, S.ACTIVE): "a clear no: the shopper can try again",
        (S.EXPIRED, S.ACTIVE): "reopened by staff",
    },
)
LIVE = (S.ACTIVE, S.PAYING)
