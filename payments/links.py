"""Payment links: an address under which what a cart or an order owes can be paid once.

A row says whose money it asks for (`owner`: `cart:7` or `order:12`), how much, until when, and a digest of what that
was made for. There is one live link an owner; the owner's row lock decides between two that are made at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from carts.models import Cart
from common import pay_links
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import parts
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from outbox import services as outbox
from outbox.models import OutboxEvent
from payments import owed
from payments.link_orders import DraftOf, goods_of, must_be_open
from payments.models import PaymentLink
from payments.owed import Owed
from payments.states import LinkState

BATCH = 1000
MAIL_WANTED_EVENT = "payment_link.mail_wanted"


def address_of(link: PaymentLink) -> str:
    """Whoever has it may pay, and sees the order afterwards."""
    return pay_links.address_of(link.salt)


def is_ours(link: PaymentLink) -> bool:
    """Whether its address can be made again: not after SECRET_KEY changed, though who was sent it may still pay."""
    return pay_links.digest_of(pay_links.token_of(link.salt)) == link.token_hash


def find(token: str) -> PaymentLink | None:
    """By the digest of what was typed: how long it takes says nothing about the tokens there are."""
    links = PaymentLink.objects.select_related("order")
    return links.filter(token_hash=pay_links.digest_of(token)).first()


def cart_id_of(link: PaymentLink) -> int | None:
    """The cart it is for, None where it is for an order."""
    kind, _, number = link.owner.partition(":")
    return int(number) if kind == "cart" else None


def locked_cart(cart_id: int | None) -> Cart | None:
    return Cart.objects.select_for_update(no_key=True).filter(pk=cart_id).first() if cart_id else None


def locked_order(order_id: int | None) -> Order | None:
    return Order.objects.select_for_update(no_key=True).filter(pk=order_id).first() if order_id else None


def state_of(link: PaymentLink, *, now: datetime) -> LinkState:
    """As far as its own row and its order's tell; `link_payments.look` knows more. `link.order` is asked for."""
    if link.order is not None and link.order.status == OrderStatus.ACCEPTED:
        return LinkState.PAID
    if link.expires_at <= now and (link.ended_at is None or link.ended_at >= link.expires_at):
        return LinkState.EXPIRED
    return LinkState.ENDED if link.ended_at else LinkState.OPEN


# --- making ---------------------------------------------------------------------------------------
@in_transaction
def for_cart(cart_id: int, *, draft_of: DraftOf = goods_of, created_by: str = "") -> tuple[PaymentLink, bool]:
    """The cart's link, and whether it is a new one: an unchanged cart's live link stays as it is.

    A cart that is an order of several parts already has a link for that order. The cart shows its newest link.
    Raises DomainError: CART_NOT_FOUND, CART_CLOSED, NOTHING_TO_PAY, VARIANT_NOT_FOR_SALE, BUSY.
    """
    cart = locked_cart(cart_id)
    if cart is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    must_be_open(cart)
    order = part_order_of(cart_id)
    if order is not None:
        link, is_new = for_order(order.pk, created_by=created_by)
    else:
        asked = owed.of_draft(draft_of(cart))
        if not asked.lines:  # an empty cart's checkout may still ask for shipping
            raise DomainError(ErrorCode.NOTHING_TO_PAY)
        link, is_new = _live(f"cart:{cart.pk}", asked, order=None, created_by=created_by)
    cart.payment_link_salt, cart.payment_link_expires_at = link.salt, link.expires_at
    cart.save(update_fields=["payment_link_salt", "payment_link_expires_at"])
    return link, is_new


def part_order_of(cart_id: int) -> Order | None:
    """The order of several parts that the cart has become and that still lacks money."""
    return parts.of_cart(cart_id).filter(status=OrderStatus.PENDING).first()


@in_transaction
def for_order(order_id: int, *, created_by: str = "") -> tuple[PaymentLink, bool]:
    """The link for what an order still owes, and whether it is a new one. The order and its hold wait for it.

    Raises DomainError: ORDER_NOT_FOUND, ORDER_NOT_PAYABLE (paid, canceled or past its time), BUSY.
    """
    order = locked_order(order_id)
    if order is None:
        raise DomainError(ErrorCode.ORDER_NOT_FOUND)
    if order.status != OrderStatus.PENDING or order.is_over(timezone.now()) or not order.due_amount:
        raise DomainError(ErrorCode.ORDER_NOT_PAYABLE)
    link, is_new = _live(f"order:{order.pk}", owed.of_order(order), order=order, created_by=created_by)
    orders.keep_until(order, link.expires_at)
    return link, is_new


def _live(owner: str, asked: Owed, *, order: Order | None, created_by: str) -> tuple[PaymentLink, bool]:
    """Needs the owner's row lock."""
    if asked.due_amount <= 0:
        raise DomainError(ErrorCode.NOTHING_TO_PAY)
    now = timezone.now()
    live = PaymentLink.objects.filter(owner=owner, ended_at__isnull=True)
    same = live.filter(owner_version=asked.version, expires_at__gt=now).first()
    if same is not None and is_ours(same):
        return same, False
    live.update(ended_at=now)
    salt = pay_links.new_salt()
    link = PaymentLink.objects.create(
        token_hash=pay_links.digest_of(pay_links.token_of(salt)),
        salt=salt,
        owner=owner,
        owner_version=asked.version,
        amount=asked.due_amount,
        currency=asked.currency,
        order=order,
        created_by=created_by,
        expires_at=now + timedelta(seconds=settings.PAYMENT_LINK_EXPIRES_AFTER_SECONDS),
    )
    return link, True


# --- sending by mail ------------------------------------------------------------------------------
def recipient_of(link: PaymentLink) -> tuple[str, str]:
    """The address of whose cart or order it is for, '' where there is none, and their language, '' for the shop's."""
    cart_id = cart_id_of(link)
    if cart_id is None:
        return (link.order.email, link.order.language) if link.order else ("", "")
    cart = Cart.objects.filter(pk=cart_id).only("email", "language").first()
    return (cart.email, cart.language) if cart else ("", "")


@in_transaction
def want_mail(link_id: int, *, wish: str) -> tuple[PaymentLink, str, bool]:
    """It goes to whose cart or order it is for: the link, that address, and False where the same `wish` was known.

    Raises DomainError: LINK_DEAD (over, or no longer to be shown), EMAIL_MISSING, BUSY.
    """
    PaymentLink.objects.select_for_update(no_key=True).get(pk=link_id)
    link = PaymentLink.objects.select_related("order").get(pk=link_id)
    if state_of(link, now=timezone.now()) != LinkState.OPEN or not is_ours(link):
        raise DomainError(ErrorCode.LINK_DEAD)
    email, _ = recipient_of(link)
    if not email:
        raise DomainError(ErrorCode.EMAIL_MISSING)
    key = f"{MAIL_WANTED_EVENT}:{link.pk}:{wish}"
    if OutboxEvent.objects.filter(key=key).exists():
        return link, email, False
    outbox.record(MAIL_WANTED_EVENT, {"link": link.pk, "wish": wish}, key=key)
    return link, email, True


# --- ending ---------------------------------------------------------------------------------------
@in_transaction
def end(link_id: int) -> None:
    """Nobody can begin to pay by it any more; a payment that is under way goes on. Doing it twice is harmless."""
    link = PaymentLink.objects.select_related("order").get(pk=link_id)
    cart = locked_cart(cart_id_of(link) or (link.order.cart_id if link.order else None))
    order = locked_order(link.order_id)
    now = timezone.now()
    if not PaymentLink.objects.filter(pk=link_id, ended_at__isnull=True).update(ended_at=now):
        return
    if cart is not None and cart.payment_link_salt == link.salt:
        Cart.objects.filter(pk=cart.pk).update(payment_link_salt="")
    if order is not None and order.status == OrderStatus.PENDING:
        orders.wait_no_longer(order, now=now)


def end_used(order_id: int) -> None:
    """What the order was for is bought: no link asks for it any more. Doing it twice is harmless."""
    cart_id = Order.objects.filter(pk=order_id).values_list("cart_id", flat=True).first()
    owners = [f"order:{order_id}", *([f"cart:{cart_id}"] if cart_id else [])]
    live = PaymentLink.objects.filter(Q(owner__in=owners) | Q(order=order_id), ended_at__isnull=True)
    live.update(ended_at=timezone.now())


def end_expired(*, limit: int = BATCH) -> int:
    """One batch of links whose time is over. How many; fewer than `limit` means that there are no more."""
    due = PaymentLink.objects.filter(ended_at__isnull=True, expires_at__lte=timezone.now()).order_by("expires_at")
    ids = list(due.values_list("pk", flat=True)[:limit])
    return PaymentLink.objects.filter(pk__in=ids, ended_at__isnull=True).update(ended_at=F("expires_at"))
