"""An order's life on one screen. Paid, part-paid and refunded are sums of its payments, not states of their own."""

from django.db.models import TextChoices

from common.states import Machine


class OrderStatus(TextChoices):
    PENDING = "pending"  # agreed, not paid
    ACCEPTED = "accepted"  # the gateway said yes: it has its number, its stock is taken
    CANCELED = "canceled"  # came to nothing, or was taken back


class Sending(TextChoices):
    """How far the goods of an accepted order are. It is sent as a whole: nobody knows of parts (orders.fulfilment)."""

    GOODS_MISSING = "goods_missing", "goods missing"
    TO_BE_SENT = "to_be_sent", "to be sent"
    SENT = "sent", "sent"


ORDER = Machine(
    "order",
    {
        (OrderStatus.PENDING, OrderStatus.ACCEPTED): "the first accepted payment, or nothing to pay",
        (OrderStatus.PENDING, OrderStatus.CANCELED): "not paid in time",
        (
            OrderStatus.CANCELED,
            OrderStatus.PENDING,
        ): "its shopper tries again after all, or paid it too late and its goods can still be had",
        (OrderStatus.ACCEPTED, OrderStatus.CANCELED): "taken back by staff",
    },
)
