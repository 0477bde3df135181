"""The life of money that is set aside for one purchase, on one screen."""

from django.db.models import TextChoices

from common.states import Machine


class HoldStatus(TextChoices):
    HELD = "held"  # set aside: nobody else can spend it
    SETTLED = "settled"  # spent
    GIVEN_BACK = "given_back"  # free again; nothing can be charged to it any more


HOLD = Machine(
    "hold",
    {
        (HoldStatus.HELD, HoldStatus.SETTLED): "charged",
        (HoldStatus.HELD, HoldStatus.GIVEN_BACK): "the purchase came to nothing, or its time was over",
    },
)


class EntryKind(TextChoices):
    TOP_UP = "top_up", "topped up"
    TAKEN_OUT = "taken_out", "taken out"
    HOLD = "hold", "held"
    SETTLE = "settle", "charged"
    GIVE_BACK = "give_back", "given back"
    REFUND = "refund", "refunded"
