"""A purchase's life on one screen: what its agent hears, and the small steps inside."""

from django.db.models import TextChoices

from common.states import Machine


class PurchaseStatus(TextChoices):
    PROCESSING = "processing"  # a worker is at it, or will be
    COMPLETED = "completed"  # bought and paid
    FAILED = "failed"  # nothing was bought and nothing is charged; the notes say why


PURCHASE = Machine(
    "purchase",
    {
        (PurchaseStatus.PROCESSING, PurchaseStatus.COMPLETED): "the order is accepted and paid",
        (PurchaseStatus.PROCESSING, PurchaseStatus.FAILED): "refused at a step, or its time was over",
    },
)


class Step(TextChoices):
    """What is to be done next. Each is done once and the next one written with it, so any worker can go on."""

    GUARD = "guard"  # may this agent buy at all?
    RESOLVE = "resolve"  # what is at that address?
    CHOOSE = "choose"  # which of its variants, how many?
    FILL = "fill"  # who buys it, where does it go: the checkout is filled
    QUOTE = "quote"  # what does it come to: within the caps, it is set aside
    PAY = "pay"  # the checkout is completed; only now is anything charged
    REPORT = "report"  # what it came to is written down
    DONE = "done"
