"""An order's life on one screen. Paid, part-paid and refunded are sums of its payments, not states of their own."""

from django.db.models import TextChoices

from common.states import Machine


class OrderStatus(TextChoices):
    PENDING = "pending"  # agreed, not paid
    ACCEPTED = "accepted"  # the gateway said yes: it has its number, its stock is taken
    CANCELED = "canceled"  # came to nothing, or was taken back


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
