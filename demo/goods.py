"""What the demo shop sells. The ids, names and prices in the first block are promised to people and their tools."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoVariant:
    id: int
    name: str
    sku: str
    amount: int  # minor units, the same number in every currency
    grams: int
    on_hand: int = 5000
    options: tuple[tuple[str, str], ...] = ()
    is_active: bool = True


@dataclass(frozen=True)
class DemoProduct:
    id: int
    name: str
    slug: str
    description: str
    variants: tuple[DemoVariant, ...]


def _apparel(variant_id: int, size: str, color: str, sku: str, amount: int, grams: int) -> DemoVariant:
    return DemoVariant(
        id=variant_id,
        name=f"{size} / {color}",
        sku=sku,
        amount=amount,
        grams=grams,
        options=(("Size", size), ("Color", color)),
    )


def _single(product_id: int, variant_id: int, name: str, text: str, sku: str, amount: int, grams: int) -> DemoProduct:
    slug = name.lower().replace(" ", "-").replace(",", "")
    return DemoProduct(product_id, name, slug, text, (DemoVariant(variant_id, "Standard", sku, amount, grams),))


def _sized(product_id: int, first_id: int, name: str, text: str, sku: str, color: str, amount: int) -> DemoProduct:
    sizes = (("Small", "S", 260), ("Medium", "M", 300), ("Large", "L", 350))
    variants = tuple(
        _apparel(first_id + step, size, color, f"{sku}-{short}", amount, grams)
        for step, (size, short, grams) in enumerate(sizes)
    )
    return DemoProduct(product_id, name, name.lower().replace(" ", "-"), text, variants)


_PROMISED = (
    DemoProduct(
        42,
        "Organic Cotton T-Shirt",
        "organic-cotton-t-shirt",
        "Soft, heavy cotton from one mill, cut straight. Washes well and keeps its shape.",
        (
            _apparel(7, "Medium", "Blue", "TS-BL-M", 2499, 300),
            _apparel(8, "Large", "Blue", "TS-BL-L", 2499, 350),
        ),
    ),
    DemoProduct(
        1,
        "Enamel Mug",
        "enamel-mug",
        "Holds a third of a litre and survives the campfire.",
        (DemoVariant(5, "White", "MUG-WH", 1450, 180, options=(("Color", "White"),)),),
    ),
    DemoProduct(
        3,
        "Linen Notebook",
        "linen-notebook",
        "160 dotted pages, bound in linen, lies flat.",
        (DemoVariant(12, "A5", "NOTE-A5", 1200, 320, options=(("Size", "A5"),)),),
    ),
    _single(
        20, 60, "Farm Fresh Tomatoes", "A crate of ripe tomatoes, picked the day they leave.", "TOM-CRATE", 2999, 3000
    ),
    DemoProduct(
        90,
        "Last One",
        "last-one",
        "There is one left. Whoever pays first has it.",
        (DemoVariant(90, "Standard", "LAST-1", 1000, 100, on_hand=1),),
    ),
    DemoProduct(
        91,
        "Ten Left",
        "ten-left",
        "Ten pieces and no more.",
        (DemoVariant(91, "Standard", "TEN-10", 1000, 100, on_hand=10),),
    ),
    DemoProduct(
        92,
        "Free Sample",
        "free-sample",
        "A taste of what we do. Costs nothing.",
        (DemoVariant(92, "Standard", "FREE-0", 0, 50),),
    ),
    DemoProduct(
        93, "Retired", "retired", "No longer made.", (DemoVariant(93, "Standard", "OLD-1", 1500, 100, is_active=False),)
    ),
)
_MORE = (
    _sized(43, 100, "Merino Sweater", "Fine merino, knitted in one piece. Warm without weight.", "MS-GR", "Grey", 8900),
    _sized(44, 110, "Canvas Jacket", "Waxed canvas that keeps out wind and most rain.", "CJ-OL", "Olive", 12900),
    _sized(45, 120, "Linen Shirt", "Washed linen for days that get hot.", "LS-WH", "White", 5900),
    _single(46, 130, "Wool Blanket", "Woven from undyed wool, 140 by 200 cm.", "BLANKET", 11900, 1400),
    _single(47, 131, "Beeswax Candle", "Burns for 40 hours and smells of summer.", "CANDLE", 1890, 420),
    _single(48, 132, "Cutting Board", "One piece of oiled oak.", "BOARD", 3900, 1100),
    _single(49, 133, "Chef Knife", "20 cm of carbon steel that takes an edge.", "KNIFE", 7400, 240),
    _single(50, 134, "Coffee Beans", "Roasted on Tuesdays, sent on Wednesdays. 500 g.", "BEANS", 1650, 520),
    _single(51, 135, "Pour Over Set", "Glass, steel and forty filters.", "POUR", 4200, 640),
    _single(52, 136, "Olive Oil", "First harvest, half a litre.", "OIL", 2150, 900),
    _single(53, 137, "Sea Salt", "Flakes from one bay, 250 g.", "SALT", 790, 270),
    _single(54, 138, "Wild Honey", "From hives at the edge of the wood, 400 g.", "HONEY", 1290, 560),
    _single(55, 139, "Garden Shears", "Forged, with a spring you can replace.", "SHEARS", 3350, 310),
    _single(56, 140, "Watering Can", "Five litres, brass rose.", "CAN", 4600, 1200),
    _single(57, 141, "Canvas Tote", "Carries 20 kg and folds to nothing.", "TOTE", 1900, 210),
    _single(58, 142, "Leather Belt", "Vegetable tanned, solid brass.", "BELT", 4900, 260),
)
PRODUCTS = _PROMISED + _MORE
HISTORY_VARIANTS = tuple(variant for product in _MORE for variant in product.variants)
CURRENCIES = ("USD", "EUR")

SHIPPING = (
    (1, "Standard Shipping", "Delivery in 5-7 business days", 599),
    (2, "Express Shipping", "Delivery in 1-2 business days", 1499),
)
