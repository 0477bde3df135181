"""A cart's life on one screen."""

from django.db.models import TextChoices

from common.states import Machine


class CartStatus(TextChoices):
    ACTIVE = "active"  # somebody is shopping
    ABANDONED = "abandoned"  # left with an address to write to
    RECOVERED = "recovered"  # bought, after having been abandoned
    CONVERTED = "converted"  # bought, never abandoned
    EXPIRED = "expired"  # given up


S = CartStatus
CART = Machine(
    "cart",
    {
        (S.ACTIVE, S.ABANDONED): "idle with an e-mail address for ABANDON_AFTER_SECONDS",
        (S.ACTIVE, S.CONVERTED): "bought before it was ever abandoned",
        (S.ACTIVE, S.RECOVERED): "bought; it had been abandoned earlier",
        (S.ACTIVE, S.EXPIRED): "its session was given up or deleted, or it is idle with nothing in it",
        (S.ABANDONED, S.ACTIVE): "the shopper came back and changed something",
        (S.ABANDONED, S.RECOVERED): "bought, or marked so by the store",
        (S.ABANDONED, S.EXPIRED): "nobody came back for CART_EXPIRES_AFTER_SECONDS",
        (S.EXPIRED, S.ACTIVE): "the shopper came back after all: staff reopened its checkout, or by a recovery link",
        (S.EXPIRED, S.RECOVERED): "a late purchase, or marked so by the store",
        (S.EXPIRED, S.CONVERTED): "a late purchase of a cart that was never abandoned",
    },
)
# What a store may say of a cart it looks after; the rest happens by itself. That it was bought must always be sayable:
# a shopper who came back by a mail's button makes the cart active again, and may buy in the store all the same.
TOLD = Machine(
    "cart",
    {
        (S.ACTIVE, S.RECOVERED): "bought in the store, after having been abandoned",
        (S.ACTIVE, S.CONVERTED): "bought in the store, never abandoned",
        (S.ACTIVE, S.EXPIRED): "not worth a try",
        (S.ABANDONED, S.RECOVERED): "bought in the store, or by telephone",
        (S.ABANDONED, S.EXPIRED): "not worth another try",
        (S.EXPIRED, S.RECOVERED): "bought after all",
    },
)
BOUGHT = (S.RECOVERED, S.CONVERTED)
