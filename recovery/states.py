"""What can become of a recovery mail, and why one is not sent. Each has one sentence that the merchant reads."""

from __future__ import annotations

from django.db.models import TextChoices

from common.states import Machine


class Outcome(TextChoices):
    HANDING_OVER = "handing_over", "Being handed over"  # claimed; the mail server has it, or is about to
    WAITING = "waiting", "Waiting to be tried again"  # the mail server said clearly: not now
    SENT = "sent", "Sent"
    SKIPPED = "skipped", "Skipped"  # the reason says why
    FAILED = "failed", "Failed"  # the mail server said clearly: never
    UNKNOWN = "unknown", "Unknown"  # we died handing it over, or the line broke: perhaps sent, never repeated


O = Outcome  # noqa: E741
MESSAGE = Machine(
    "recovery mail",
    {
        (O.HANDING_OVER, O.SENT): "the mail server took it",
        (O.HANDING_OVER, O.WAITING): "the mail server refused it for now",
        (O.HANDING_OVER, O.FAILED): "the mail server refused it for good",
        (O.HANDING_OVER, O.UNKNOWN): "nobody knows whether the mail server took it",
        (O.HANDING_OVER, O.SKIPPED): "refused for now, and meanwhile there was a reason not to try again",
        (O.UNKNOWN, O.SENT): "the worker was slow, not dead",
        (O.WAITING, O.HANDING_OVER): "tried again, after asking again whether it may be sent",
        (O.WAITING, O.FAILED): "when it was to be tried again it could not even be written",
        (O.WAITING, O.SKIPPED): "by the time it was to be tried again there was a reason not to",
    },
)
# The person may have got it: counts for gaps and caps.
MAY_HAVE_ARRIVED = (O.HANDING_OVER, O.SENT, O.UNKNOWN)


class Reason(TextChoices):
    """Why a mail was not sent. Those of the first part end the cart's enrolment, the others only skip a step."""

    PURCHASED = "purchased", "They have bought meanwhile"
    CAME_BACK = "came_back", "They are shopping again"
    NEWER_CART = "newer_cart", "They have a newer cart"
    EXPIRED = "expired", "The cart was given up"
    DELETED = "deleted", "The cart is gone"
    EMPTY = "empty", "Nothing in the cart can be bought any more"
    NO_ADDRESS = "no_address", "There is no e-mail address any more"
    UNSUBSCRIBED = "unsubscribed", "They have unsubscribed"
    BOUNCED = "bounced", "Mail to this address came back"
    COMPLAINED = "complained", "They called an earlier mail spam"
    BY_STAFF = "by_staff", "Staff put the address on the suppression list"
    BOT = "bot", "The address is a shopping bot's"
    SWITCHED_OFF = "switched_off", "Recovery mails are switched off"
    SEQUENCE_OFF = "sequence_off", "The sequence is switched off"
    TOO_OLD = "too_old", "The cart was abandoned before the sequence was switched on"
    NO_CUSTOMER = "no_customer", "They have not bought before"
    NO_CONSENT = "no_consent", "They have not agreed to such mails"
    HOLDOUT = "holdout", "They are in the control group"
    CART_CAP = "cart_cap", "There were enough mails about this cart"
    PERSON_CAP = "person_cap", "They had enough mails in the last 30 days"

    CAPPED = "capped", "They had another recovery mail a short while ago"
    CONDITION = "condition", "The step's conditions are not met"


R = Reason
ONLY_THIS_STEP = (R.CAPPED, R.CONDITION)


class Wait(TextChoices):
    """Why a mail whose time has come has to wait. It is looked at again, from the start, when the wait is over."""

    QUIET_HOURS = "quiet_hours", "Quiet hours where they live"
    BEING_PAID = "being_paid", "A payment for the cart is on its way"
    MAIL_SERVER = "mail_server", "The mail server refused it for now"


class SuppressedBecause(TextChoices):
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
    BOUNCED = "bounced", "Mail came back"
    COMPLAINED = "complained", "Called a mail spam"
    BY_STAFF = "by_staff", "Put here by staff"


class Audience(TextChoices):
    """Whom recovery mails may go to; the law of the shoppers' country decides which is right."""

    ALL = "all", "Everybody who left an address"
    CUSTOMERS = "customers", "Who has bought before"
    CONSENT = "consent", "Who has agreed"
    OFF = "off", "Nobody"


LEGAL_NOTE = {
    Audience.ALL: "Only where the law allows a reminder nobody asked for, as in the United States (CAN-SPAM).",
    Audience.CUSTOMERS: (
        "The EU's and UK's exception for own customers: for goods like those they bought, where they could object "
        "when they bought and can in every mail."
    ),
    Audience.CONSENT: "Allowed everywhere. The proof (text, time, address in part) is kept and can be exported.",
    Audience.OFF: "Nothing is sent.",
}


class CustomerKind(TextChoices):
    ANY = "any", "Anybody"
    NEW = "new", "Who never bought"
    RETURNING = "returning", "Who has bought before"
