"""A reservation's life on one screen."""

from django.db.models import TextChoices

from common.states import Machine


class ReservationStatus(TextChoices):
    HELD = "held"  # promised, still on the shelf
    COMMITTED = "committed"  # bought, off the shelf
    RELEASED = "released"  # given back


class AdjustedBecause(TextChoices):
    """Why staff changed how much there is of a thing."""

    RECEIVED = "received", "Goods came in"
    COUNTED = "counted", "Counted anew"
    DAMAGED = "damaged", "Damaged or lost"
    RETURNED = "returned", "Came back from a shopper"
    CORRECTED = "corrected", "A mistake put right"
    IMPORTED = "imported", "By import"

    def fits(self, pieces: int) -> bool:
        """Whether pieces can have come (or, negative, gone) because of it. A count and a mistake go both ways."""
        if self in {AdjustedBecause.RECEIVED, AdjustedBecause.RETURNED}:
            return pieces > 0
        return pieces < 0 if self == AdjustedBecause.DAMAGED else True


RESERVATION = Machine(
    "reservation",
    {
        (ReservationStatus.HELD, ReservationStatus.COMMITTED): "the order was accepted",
        (ReservationStatus.HELD, ReservationStatus.RELEASED): "the order came to nothing, or no longer wants it",
        (ReservationStatus.COMMITTED, ReservationStatus.RELEASED): "staff took the order back: on the shelf again",
        (ReservationStatus.RELEASED, ReservationStatus.HELD): "the same holder tries again",
    },
)
