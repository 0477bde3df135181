"""Buying in another shop of this software, by its public guest checkout API. It is paid there as demos pay each other;
here the balance is charged what was quoted, when the other shop has said yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from purchases import lanes, own_shop, sentences, services
from purchases.choosing import Choosable
from purchases.discovery import KnownShop, ShippingMethod
from purchases.models import Purchase
from purchases.other_shops import Bought, Buyer, Item, OtherShopRefused, OtherShopUnclear, Quote, missing_to_pay
from purchases.resolving import OtherShop, variant_named_in
from purchases.sentences import NOTHING_CHARGED
from purchases.services import ASKED, Sold
from purchases.states import Step
from purchases.told import Refused, UserData, text_in

KIND = "other"


def known_of(found: OtherShop) -> tuple[str, dict[str, Any]]:
    """Raises Refused where there is no way to pay there."""
    if missing := missing_to_pay(found.shop):
        raise Refused(missing)
    variants = [asdict(one) for one in found.choosables() if found.variant_id in {None, one.variant_id}]
    known = {
        "seller": KIND,
        "shop": asdict(found.shop),
        "product_id": found.product_id,
        "product_name": found.product.name,
        "variants": variants,
        "prices": _prices(found),
    }
    return f"Product {found.product_id} at {found.origin}.", known


def _prices(found: OtherShop) -> dict[str, tuple[int, str]]:
    """What the page says: by variant, minor units and currency."""
    return {
        str(variant_named_in(offer.url)): (offer.amount, offer.currency)
        for offer in found.product.offers
        if offer.amount is not None
    }


class Elsewhere:
    def choose(self, purchase: Purchase, user_data: UserData) -> None:
        known = purchase.known
        variants = [Choosable(**one) for one in known["variants"]]
        choice = own_shop.chosen(variants, user_data, product_name=known["product_name"])
        note = f"Variant {choice.variant_id}, {choice.quantity} of it."
        left = {name: value for name, value in known.items() if name not in {"variants", "prices"}}
        price = known["prices"].get(str(choice.variant_id))
        goods = {"variant_id": choice.variant_id, "quantity": choice.quantity, "page_price": price}
        services.step_done(purchase, note, to=Step.FILL, known=left | goods)

    def fill(self, purchase: Purchase, user_data: UserData) -> None:
        if text_in(user_data, *own_shop.CODE_NAMES):
            raise Refused(f"A discount code cannot be used in another shop. {NOTHING_CHARGED}")
        person = own_shop.filled(user_data, defaults=own_shop.ships_to(purchase))
        buyer = _buyer(purchase)
        with _asking(purchase):
            methods = buyer.methods_to(person.address["country"])
        method = own_shop.shipped_by(methods, said=person.shipping_method)
        with _asking(purchase):
            if not buyer.session:
                services.remember(purchase, session=buyer.open())
            crash_point("purchase: session elsewhere, nothing in it")
            buyer.put_item(_item(purchase))
            buyer.put_customer(email=person.email, full_name=person.full_name, phone=person.phone)
            buyer.put_address(person.address)
            buyer.put_method(method.id)
        services.step_done(purchase, f"A checkout at {buyer.shop.origin}; {method.name}.", to=Step.QUOTE)

    def quote(self, purchase: Purchase) -> tuple[int, str]:
        with _asking(purchase):
            quote = _buyer(purchase).quote(_item(purchase))
        _must_be_as_its_page_says(purchase, quote)
        return quote.total_amount, quote.currency

    def pay(self, purchase: Purchase) -> Sold:
        with _asking(purchase):
            services.remember(purchase, **{ASKED: True})
            crash_point("purchase: about to complete elsewhere")
            try:
                bought = _buyer(purchase).complete()
            except OtherShopRefused:
                services.remember(purchase, **{ASKED: False})
                raise
        crash_point("purchase: completed elsewhere, nothing noted")
        return _sold(purchase, bought)

    def outcome(self, purchase: Purchase) -> Sold | None:
        """Asked again under the same key: what was bought is answered, what was not is bought or refused now."""
        if not purchase.known.get(ASKED):
            return None
        buyer = _buyer(purchase)
        try:
            with lanes.outside(purchase.key_id):
                bought = buyer.complete()
            return _sold(purchase, bought)
        except OtherShopRefused:
            return None
        except OtherShopUnclear as unclear:
            raise Refused(
                f"{buyer.shop.origin} never said clearly whether it took the order: {unclear.note} {NOTHING_CHARGED} "
                "Look there before buying it again."
            ) from unclear

    def clear_away(self, purchase: Purchase) -> None:
        """Nothing is left in the basket there; the session runs out by itself. Where nobody knows, it stays."""
        if not purchase.known.get("session") or purchase.known.get(ASKED):
            return
        with suppress(Refused), _asking(purchase):  # refused: there is no such checkout any more
            _buyer(purchase).empty()


def _buyer(purchase: Purchase) -> Buyer:
    known = purchase.known
    return Buyer(_shop(known["shop"]), request_id=purchase.source, session=known.get("session", ""))


def _shop(kept: dict[str, Any]) -> KnownShop:
    methods = tuple(ShippingMethod(**method) for method in kept["shipping_methods"])
    texts = {name: tuple(kept[name]) for name in ("providers", "simulated_providers")}
    return KnownShop(**(kept | texts | {"shipping_methods": methods}))


def _item(purchase: Purchase) -> Item:
    known = purchase.known
    return Item(known["product_id"], known["variant_id"], known["quantity"])


def _must_be_as_its_page_says(purchase: Purchase, quote: Quote) -> None:
    """Raises Refused where the goods cost something else than the page on which they were found."""
    said = purchase.known.get("page_price")
    quantity = purchase.known["quantity"]
    if said is None or (said[0] * quantity, said[1]) == (quote.items_amount, quote.currency):
        return
    raise Refused(
        f"Its page says {sentences.money(*said)} a piece, the checkout of {purchase.known['shop']['origin']} "
        f"{sentences.money(quote.items_amount, quote.currency)} for {quantity}. {NOTHING_CHARGED}"
    )


def _sold(purchase: Purchase, bought: Bought) -> Sold:
    """Raises Refused where the other shop says that it took something else than what it quoted."""
    quoted = purchase.quoted_amount or 0
    if (bought.total_amount, bought.currency) != (quoted, purchase.currency):
        raise Refused(
            f"{purchase.known['shop']['origin']} took the order {bought.order_number[:60]} for "
            f"{sentences.money(bought.total_amount, bought.currency)}, although it had quoted "
            f"{sentences.money(quoted, purchase.currency)}. {NOTHING_CHARGED} Look there before buying it again."
        )
    reference = f"{bought.order_number} at {purchase.known['shop']['origin']}"[:120]
    return Sold(quoted, purchase.currency, reference, charge_key=purchase.source)


@contextmanager
def _asking(purchase: Purchase) -> Iterator[None]:
    """What the other shop does not answer is asked again later; its clear no is the purchase's."""
    with lanes.outside(purchase.key_id):
        try:
            yield
        except OtherShopRefused as error:
            raise Refused(f"{error.note} {NOTHING_CHARGED}") from error
        except OtherShopUnclear as error:
            raise DomainError(ErrorCode.BUSY) from error
