"""A reservation's life on one screen."""

from django.db.models import TextChoices

from common.states import Machine


class ReservationStatus(TextChoices):
    HELD = "held"  # promised, still on the shelf
    COMMITTED = "committed"  # bought, off the shelf
    RELEASED = "released"  # given back


RESERVATION = Machine(
    "reservation",
    {
        (ReservationStatus.HELD, ReservationStatus.COMMITTED): "the order was accepted",
        (ReservationStatus.HELD, ReservationStatus.RELEASED): "the order came to nothing, or no longer wants it",
        (ReservationStatus.COMMITTED, ReservationStatus.RELEASED): "staff took the order back: on the shelf again",
        (ReservationStatus.RELEASED, ReservationStatus.HELD): "the same holder tries again",
    },
)
