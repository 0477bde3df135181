"""A CSV file becomes what the shop sells: first as a plan that somebody looks at, then as a whole or not at all.

What is done is what was shown: the plan is made anew under the locks of everything it touches, and where it would do
anything else by then (a piece was sold, a price was typed), nothing is done and the new plan is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from catalog import stock
from catalog.csv_file import NO_PRICE, PRICE, File, Line, read
from catalog.models import Price, Product, Stock, Variant
from catalog.states import AdjustedBecause
from common import csv_cells
from common.errors import DomainError
from common.transactions import in_transaction

_OF_PRODUCT = {"product": "name", "description": "description", "product for sale": "is_active"}
_OF_VARIANT = {"variant": "name", "weight grams": "weight_grams", "for sale": "is_active"}


@dataclass(frozen=True)
class Change:
    """One thing that would become another. `before`: '' of what is new."""

    line: int
    sku: str
    column: str
    before: str
    after: str


@dataclass
class Plan:
    """What a file would do. With problems it does nothing."""

    file: File
    changes: list[Change] = field(default_factory=list)
    new_products: dict[str, Product] = field(default_factory=dict)
    new_variants: list[Variant] = field(default_factory=list)
    products: dict[int, Product] = field(default_factory=dict)  # changed ones, by id
    variants: dict[int, Variant] = field(default_factory=dict)
    prices: list[tuple[Variant, str, int | None]] = field(default_factory=list)  # minor units; None: none any more
    on_hand: list[tuple[Variant, int]] = field(default_factory=list)

    @property
    def can_be_done(self) -> bool:
        return bool(self.changes) and not self.file.problems

    @property
    def digest(self) -> str:
        """Of everything that it would change, from what to what."""
        return hashlib.sha256(repr(self.changes).encode(errors="surrogatepass")).hexdigest()


@dataclass
class _Known:
    """What is there already of what the file names."""

    variants: dict[str, Variant]
    products: dict[str, Product]


# --- the two verbs --------------------------------------------------------------------------------
def plan(text: str) -> Plan:
    """What the file would do now. Changes nothing."""
    file = read(text)
    return _plan(file, _look(file, is_locked=False))


@in_transaction
def carry_out(text: str, *, seen: str, by: str) -> tuple[Plan, bool]:
    """The plan, and whether it was done: it is where it is the one whose digest was `seen`. Done twice, it changes
    nothing more. Raises DomainError(BUSY)."""
    file = read(text)
    made = _plan(file, _look(file, is_locked=True))
    is_done = made.can_be_done and made.digest == seen
    if is_done:
        _write(made, by)
    return made, is_done


def _look(file: File, *, is_locked: bool) -> _Known:
    """Four queries. Locked in the order of everybody: products, variants, stock; each by id."""
    skus = {line.cells["sku"] for line in file.lines if "sku" in line.cells}
    slugs = {line.cells["slug"] for line in file.lines if "slug" in line.cells}
    products, variants, prices = Product.objects.all(), Variant.objects.all(), Price.objects.order_by("pk")
    if is_locked:
        owners = set(variants.filter(sku__in=skus).values_list("product_id", flat=True))
        named = set(products.filter(slug__in=slugs).values_list("pk", flat=True))
        list(products.select_for_update(no_key=True).filter(pk__in=owners | named).order_by("pk"))
        ids = list(variants.select_for_update(no_key=True).filter(sku__in=skus).order_by("pk"))
        stock.locked_stock([variant.pk for variant in ids])
        prices = prices.select_for_update(no_key=True)
    found = variants.filter(sku__in=skus).select_related("product", "stock").order_by("pk")
    known = {variant.sku: variant for variant in found.prefetch_related(Prefetch("prices", queryset=prices))}
    return _Known(known, {product.slug: product for product in products.filter(slug__in=slugs)})


# --- planning -------------------------------------------------------------------------------------
def _plan(file: File, known: _Known) -> Plan:
    made = Plan(file)
    said: dict[tuple[str, str], tuple[int, Any]] = {}
    for line in file.lines:
        if "sku" not in line.cells:
            continue
        variant = known.variants.get(line.cells["sku"])
        product = _product_of(made, line, variant, known)
        if product is None:
            continue
        _plan_fields(made, line, product, _OF_PRODUCT, _contradictions(made, line, product, said))
        _plan_variant(made, line, variant or _new_variant(made, line, product))
    return made


def _product_of(made: Plan, line: Line, variant: Variant | None, known: _Known) -> Product | None:
    """None where the line's problem is said already."""
    slug = line.cells.get("slug")
    if variant is not None:
        product = known.products.setdefault(variant.product.slug, variant.product)
        if slug and slug != product.slug:
            made.file.complain(line.number, "slug", f"This variant is one of {product.slug}, and stays there.")
            return None
        return product
    if slug is None:
        made.file.complain(line.number, "slug", "A new variant needs the slug of its product.")
        return None
    return known.products.get(slug) or _new_product(made, line, slug, known)


def _new_product(made: Plan, line: Line, slug: str, known: _Known) -> Product | None:
    if "product" not in line.cells:
        made.file.complain(line.number, "product", "A new product needs a name.")
        return None
    product = Product(slug=slug, name="", is_active=True)
    known.products[slug] = made.new_products[slug] = product
    made.changes.append(Change(line.number, line.cells["sku"], "slug", "", slug))
    return product


def _new_variant(made: Plan, line: Line, product: Product) -> Variant:
    variant = Variant(product=product, sku=line.cells["sku"], name="")
    if "variant" not in line.cells:
        made.file.complain(line.number, "variant", "A new variant needs a name.")
    made.new_variants.append(variant)
    made.changes.append(Change(line.number, variant.sku, "sku", "", variant.sku))
    return variant


def _contradictions(made: Plan, line: Line, product: Product, said: dict[tuple[str, str], tuple[int, Any]]) -> set[str]:
    """Columns of the product in which an earlier line said something else, or the same."""
    skipped = set()
    for column in _OF_PRODUCT:
        if column not in line.cells:
            continue
        number, value = said.setdefault((product.slug, column), (line.number, line.cells[column]))
        if number != line.number:
            skipped.add(column)
        if value != line.cells[column]:
            made.file.complain(line.number, column, f"Line {number} says something else of the same product.")
    return skipped


def _plan_fields(made: Plan, line: Line, row: Product | Variant, columns: dict[str, str], skipped: set[str]) -> None:
    for column, name in columns.items():
        if column not in line.cells or column in skipped:
            continue
        before, after = getattr(row, name), line.cells[column]
        if _is_same(before, after):
            continue
        made.changes.append(Change(line.number, line.cells["sku"], column, _shown(row, before), _word(after)))
        setattr(row, name, after)
        if row.pk is not None:
            changed: dict[int, Any] = made.products if isinstance(row, Product) else made.variants
            changed[row.pk] = row


def _is_same(before: object, after: object) -> bool:
    """However a browser or a spreadsheet ends its lines."""
    if isinstance(before, str) and isinstance(after, str):
        return before.replace("\r\n", "\n").strip() == after
    return before == after


def _shown(row: Product | Variant, before: object) -> str:
    return "" if row.pk is None else _word(before)


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _plan_variant(made: Plan, line: Line, variant: Variant) -> None:
    _plan_fields(made, line, variant, _OF_VARIANT, set())
    own = {price.currency: price.amount for price in variant.prices.all()} if variant.pk else {}
    for column, amount in line.cells.items():
        if column.startswith(PRICE):
            _plan_price(made, line, variant, column.removeprefix(PRICE), own, amount)
    if "on hand" in line.cells:
        _plan_count(made, line, variant, line.cells["on hand"])


def _plan_price(
    made: Plan, line: Line, variant: Variant, currency: str, own: dict[str, int], amount: int | None
) -> None:
    before = own.get(currency)
    if before == amount:
        return
    shown = [NO_PRICE if each is None else csv_cells.amount(each, currency) for each in (before, amount)]
    made.changes.append(Change(line.number, variant.sku, PRICE + currency, shown[0], shown[1]))
    made.prices.append((variant, currency, amount))


def _plan_count(made: Plan, line: Line, variant: Variant, on_hand: int) -> None:
    row = getattr(variant, "stock", None) or Stock(variant=variant)
    if row.on_hand == on_hand:
        return
    try:
        stock.checked_count(row, on_hand)
    except DomainError as error:
        made.file.complain(line.number, "on hand", str(error.values["reason"]))
        return
    made.changes.append(Change(line.number, variant.sku, "on hand", str(row.on_hand), str(on_hand)))
    made.on_hand.append((variant, on_hand))


# --- doing ----------------------------------------------------------------------------------------
def _write(made: Plan, by: str) -> None:
    Product.objects.bulk_create(made.new_products.values())
    _update(Product, made.products.values(), _OF_PRODUCT)
    Variant.objects.bulk_create(made.new_variants)
    _update(Variant, made.variants.values(), _OF_VARIANT)
    _write_prices(made)
    Stock.objects.bulk_create(
        [Stock(variant=variant) for variant in {*made.new_variants, *(variant for variant, _ in made.on_hand)}],
        ignore_conflicts=True,
    )
    stock.count_anew({variant.pk: on_hand for variant, on_hand in made.on_hand}, reason=AdjustedBecause.IMPORTED, by=by)


def _update(model: Any, rows: Iterable[Any], columns: dict[str, str]) -> None:
    changed = list(rows)
    now = timezone.now()
    for row in changed:
        row.updated_at = now
    model.objects.bulk_update(changed, [*columns.values(), "updated_at"], batch_size=500)


def _write_prices(made: Plan) -> None:
    for variant, currency, amount in made.prices:
        if amount is None:
            Price.objects.filter(variant=variant, currency=currency).delete()
    Price.objects.bulk_create(
        [
            Price(variant=variant, currency=currency, amount=amount)
            for variant, currency, amount in made.prices
            if amount is not None
        ],
        update_conflicts=True,
        unique_fields=["variant", "currency"],
        update_fields=["amount"],
    )
