"""Which variant, and how many: read surely, or refused."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from purchases.choosing import Choice, Choosable, Refusal, choose


def shirt(variant_id: int, size: str, color: str, *, is_available: bool = True) -> Choosable:
    return Choosable(
        variant_id,
        f"{size} / {color}",
        f"TS-{color[:2]}-{size[0]}".upper(),
        {"Size": size, "Color": color},
        is_available,
    )


SHIRTS = [
    shirt(1, "Medium", "Blue"),
    shirt(2, "Large", "Blue"),
    shirt(3, "Medium", "Grey"),
    shirt(4, "Large", "Grey", is_available=False),
    shirt(5, "X-Large", "Dark Blue"),
]
MUG = [Choosable(9, "Standard", "MUG")]
SHOES = [Choosable(size, str(size), f"SHOE-{size}", {"Size": str(size)}) for size in (41, 42)]
NAMELESS = [Choosable(7, "Medium / Blue", "TS-BL-M"), Choosable(8, "Large / Blue", "TS-BL-L")]


def chosen(variants, prompt="", **fields):
    return choose(variants, fields=fields, prompt=prompt, product_name="Organic Cotton T-Shirt")


READ = {
    "Size Large, Color Blue": (2, 1),
    "size: L; colour: blue": (2, 1),
    "SIZE=LARGE COLOR=BLUE": (2, 1),
    "Large / Blue": (2, 1),
    "large blue": (2, 1),
    "blue and large, please": (2, 1),
    "Blue color, large size": (2, 1),
    "Large size Blue color": (2, 1),
    "TS-BL-L": (2, 1),
    "2x, medium, blue": (1, 2),
    "2 x medium blue": (1, 2),
    "medium blue x3": (1, 3),
    "medium blue x 3": (1, 3),
    "two of the blue ones in medium": (1, 2),
    "3 blue t-shirts, size M": (1, 3),
    "qty 4, gray, medium": (3, 4),
    "quantity: 4. Medium. Gray.": (3, 4),
    "12 pieces, M, grey": (3, 12),
    "5pcs M grey": (3, 5),
    "2 medium, blue": (1, 2),
    "I'd like the medium one in blue": (1, 1),
    "X-Large": (5, 1),
    "xl": (5, 1),
    "dark blue": (5, 1),
    "Medium, blue. Please ring the bell.": (1, 1),
    "medium blue\nIt's a gift for Jane!": (1, 1),
    "please get me a large blue one, thanks": (2, 1),
    "Hello! I want this t-shirt in size L and color Blue. Have a great day \U0001f600": (2, 1),
    "* Size: Large\n* Color: Blue\n* Quantity: 3": (2, 3),
    "- Size: Large\n- Color - Blue\n- Quantity - 3": (2, 3),
    '{"size": "Large", "color": "Blue", "quantity": 2}': (2, 2),
    "one of the blue ones in medium": (1, 1),
    "two Organic Cotton T-Shirts, medium, blue": (1, 2),
    "medium blue, 2 qty": (1, 2),
    "Large, Blue, one piece": (2, 1),
    "Give me the Large Blue variant": (2, 1),
    "variant: Large / Blue": (2, 1),
    "Medium, blue. Happy birthday from Bob": (1, 1),
}


@pytest.mark.parametrize(("prompt", "expected"), READ.items())
def test_a_prompt_is_read(prompt, expected):
    assert chosen(SHIRTS, prompt) == Choice(*expected)


UNREAD = {
    "": "not clear which variant",
    "blue": "not clear which variant",
    "something nice": "cannot be read surely",
    "Size Large, Color Grey": '"Organic Cotton T-Shirt (Large / Grey)" is sold out.',
    "Size Large, Color Red": 'no "red"',
    "Size Small": 'no "small"',
    "navy, medium": 'no "navy"',
    "Size Huge, blue": "cannot be read surely",
    "forest green": "",
    "light blue, medium": "cannot be read surely",
    "not the blue one, medium": "cannot be read surely",
    "medium or large, blue": "cannot be read surely",
    "anything but grey, medium": "cannot be read surely",
    "medium, wrapped in blue paper": "cannot be read surely",
    "medium, large, blue": "No variant is all",
    "medium blue, large grey": "No variant is all",
    "blue, gray, medium": "No variant is all",
    "X-Large, blue": "No variant is all",
    "a couple of medium blue": "cannot be read surely",
    "2x large, blue": "cannot be read surely",  # two of L, or one of 2XL?
    "2 x large, blue": "cannot be read surely",
    "2 xl": "cannot be read surely",
    "2 medium, 3 blue": "Different quantities",
    "medium blue, in 5 days": "cannot be read surely",
    "0x, medium blue": "between 1 and",
    "999999 pieces, medium blue": "between 1 and",
    "size, medium blue": "cannot be read surely",
    "color medium, size blue": "cannot be read surely",
    "medium blue 140cm": "cannot be read surely",
    "medium blue, a gift for S. Jones": 'no "s"',
    "2, medium, blue": "cannot be read surely",
    "42 blue, medium": "cannot be read surely",
    "x" * 3000: "longer than",
    "large blue, quantity -1": "cannot be read surely",
    "large blue, quantity: - 2": "cannot be read surely",
    "large blue, qty \u22122": "cannot be read surely",
    "-2 large, blue": "cannot be read surely",
    "large blue, -3 pieces": "cannot be read surely",
    "large blue, qty": "cannot be read surely",
    "large blue, twenty of them": 'near "twenty"',
    "large blue, thirteen pieces": 'near "thirteen"',
    "large blue, one hundred": 'near "hundred"',
    "large blue, twice": 'near "twice"',
    "large blue, zero of them": 'near "zero"',
    "large blue, don't order it yet": 'near "don\'t"',
    "large blue, cancel": 'near "cancel"',
    "large blue, at most twenty dollars": "cannot be read surely",
    "large blue, no more than $20": 'near "no"',
    "large blue $2": 'near "large blue" and "$"',
    "large blue, express shipping": "cannot be read surely",
    "large blue, zwei": "cannot be read surely",
    "large blue, a gift for twenty people": 'near "twenty"',
    "large blue, a gift for 2 people": "cannot be read surely",
    "large blue, leave it": "cannot be read surely",
    "large blue, 2-3 pieces": "cannot be read surely",
    "large blue, 2+": "cannot be read surely",
    "large blue, tw\u200bo pieces": "cannot be read surely",
    "2 large, 2 blue": "how many more than once",
    "two large and two blue": "how many more than once",
    "the large blue ones": "does not say how many",
    "large blue shirts": "does not say how many",
}


@pytest.mark.parametrize(("prompt", "why"), UNREAD.items())
def test_a_prompt_that_is_not_sure_is_refused_with_what_there_is(prompt, why):
    refusal = chosen(SHIRTS, prompt)
    assert isinstance(refusal, Refusal)
    assert why in refusal.note
    assert '"Medium / Blue"' in refusal.note
    assert '"Large / Grey" (sold out)' in refusal.note


MUGS_UNREAD = [
    "-3 mugs", "quantity: -5", "twenty mugs", "fifty", "III mugs", "zero", "no mugs", "one hundred and two mugs",
    "please don't buy this", "cancel", "two and a half mugs", "1,000 mugs", "\u00bd a mug", "0.5 mugs", "leave it",
    "#2", "2%", "(2)", "~2 mugs", "<3 mugs", "as many mugs as possible", "a dozen mugs", "deux mugs", "2nd mug",
]  # fmt: skip


@pytest.mark.parametrize("prompt", MUGS_UNREAD)
@pytest.mark.parametrize("fields", [{}, {"quantity": 1}])
def test_every_number_and_every_no_is_understood_or_nothing_is(prompt, fields):
    refusal = choose(MUG, fields=fields, prompt=prompt, product_name="Enamel Mug")
    assert isinstance(refusal, Refusal), (prompt, refusal)


@pytest.mark.parametrize(
    ("prompt", "quantity"),
    [("two mugs", 2), ("12 mugs", 12), ("one mug, please", 1), ("20 pieces", 20), ("An enamel mug for me, thanks!", 1),
     ("I'd like one", 1), ("Quantity: 30", 30), ("It's a present for my sister", 1), ("2x", 2), ("x 4", 4)],
)  # fmt: skip
def test_of_the_only_variant_as_many_as_were_said(prompt, quantity):
    assert choose(MUG, fields={}, prompt=prompt, product_name="Enamel Mug") == Choice(9, quantity)


def test_several_are_not_one():
    assert "does not say how many" in choose(MUG, fields={}, prompt="mugs", product_name="Enamel Mug").note
    assert choose(MUG, fields={"quantity": 3}, prompt="mugs", product_name="Enamel Mug") == Choice(9, 3)


def test_one_is_a_number_too():
    assert "Different quantities" in chosen(MUG, "just one please", quantity=3).note
    assert chosen(SHIRTS, "the large blue one", quantity=3) == Choice(2, 3)


@pytest.mark.parametrize(
    "prompt", ["large for John Doe at 5 Elm Street phone 555-0100", "john@example.com", "-5550100"]
)
def test_a_prompt_is_not_repeated(prompt):
    note = chosen(SHIRTS, prompt).note
    assert not any(said in note for said in ("John", "john", "Doe", "Elm", "555", "example"))


def test_words_that_nobody_passes_over_can_be_values_of_an_option():
    beds = [Choosable(1, "a", "", {"Bed size": "Single"}), Choosable(2, "b", "", {"Bed size": "Double"})]
    assert choose(beds, fields={}, prompt="double, please") == Choice(2, 1)
    assert choose(beds, fields={}, prompt="Bed size: double") == Choice(2, 1)
    milk = [Choosable(1, "a", "", {"Sugar": "No"}), Choosable(2, "b", "", {"Sugar": "Yes"})]
    assert choose(milk, fields={}, prompt="Sugar: no") == Choice(1, 1)
    assert isinstance(choose(milk, fields={}, prompt="no"), Refusal)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"size": "L", "color": "Blue"}, (2, 1)),
        ({"Size": "large", "Colour": "BLUE", "qty": 2}, (2, 2)),
        ({"options": {"Size": "M", "Color": "gray"}}, (3, 1)),
        ({"selected_options": [{"name": "Size", "value": "M"}, {"name": "Color", "value": "grey"}]}, (3, 1)),
        ({"variant_id": 2, "quantity": 3}, (2, 3)),
        ({"variantId": "2", "quantity": "3"}, (2, 3)),
        ({"variant": 2}, (2, 1)),
        ({"VariantID": 2, "QTY": "3"}, (2, 3)),
        ({"selectedOptions": {"Size": "L", "Color": "Blue"}}, (2, 1)),
        ({"variant": "2"}, (2, 1)),
        ({"variant": "large / blue"}, (2, 1)),
        ({"variant": "X-Large"}, (5, 1)),
        ({"sku": "ts-bl-l"}, (2, 1)),
        ({"sku": "ts-bl-l", "size": "", "color": None, "email": "x@example.com", "name": "Large"}, (2, 1)),
    ],
)
def test_fields_are_read(fields, expected):
    assert chosen(SHIRTS, **fields) == Choice(*expected)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"size": "Huge"}, "no such size"),
        ({"size": "L", "color": "red"}, 'no color "red"'),
        ({"size": "L", "color": "Dark Blue"}, "No variant is all"),
        ({"size": "L", "color": "Grey"}, "sold out"),
        ({"variant_id": 77}, "no variant 77"),
        ({"variant_id": 2, "sku": "TS-BL-M"}, "No variant is all"),
        ({"sku": "nope"}, "no such sku"),
        ({"size": ["L"]}, "size must be a text"),
        ({"variant_id": 2, "material": "wool"}, "no such material"),
        ({"variant_id": 2, "shirt_size": "L"}, "by the option's own name"),
        ({"variant_id": 2, "preferredColor": "red"}, "by the option's own name"),
        ({"size": "for John Doe"}, "no such size."),
        ({"options": {"For John Doe": "x"}}, "no such option."),
        ({"size": True}, "size must be a text"),
        ({"options": "L"}, "must name options"),
        ({"options": {"Fit": "Slim"}}, "no such fit"),
        ({"variant_id": 2, "quantity": 0}, "between 1 and"),
        ({"variant_id": 2, "quantity": 2.5}, "whole number"),
        ({"variant_id": 2, "quantity": "two"}, "whole number"),
        ({"variant_id": 2, "quantity": True}, "whole number"),
        ({"variant_id": 2, "quantity": 2, "qty": 3}, "Different quantities"),
    ],
)
def test_fields_that_cannot_be_met_are_refused(fields, why):
    refusal = chosen(SHIRTS, **fields)
    assert isinstance(refusal, Refusal)
    assert why in refusal.note


def test_the_prompt_adds_to_the_fields():
    assert chosen(SHIRTS, "2x, color blue", size="M") == Choice(1, 2)


@pytest.mark.parametrize(
    ("prompt", "fields"),
    [("large", {"size": "M", "color": "blue"}), ("TS-BL-L", {"variant_id": 1}), ("red", {"variant_id": 1})],
)
def test_the_prompt_does_not_contradict_the_fields(prompt, fields):
    assert isinstance(chosen(SHIRTS, prompt, **fields), Refusal)


def test_a_quantity_said_twice_is_the_same_or_refused():
    assert chosen(MUG, "2x", quantity=2) == Choice(9, 2)
    assert "Different quantities are given: 2 and 3" in chosen(MUG, "2x", quantity=3).note


def test_the_only_variant_is_chosen_when_nothing_is_said():
    assert chosen(MUG) == Choice(9, 1)
    assert chosen(MUG, "Please leave it at the door, thanks") == Choice(9, 1)


def test_but_not_when_something_else_was_said():
    assert isinstance(chosen(MUG, "Size Large"), Refusal)
    assert isinstance(chosen(MUG, "the red one"), Refusal)
    assert isinstance(chosen(MUG, color="red"), Refusal)


def test_with_a_quantity_in_the_fields_other_numbers_do_not_matter():
    assert isinstance(chosen(MUG, "Leave it at door 5"), Refusal)
    assert chosen(MUG, "Leave it at door 5", quantity=1) == Choice(9, 1)


@pytest.mark.parametrize(("prompt", "size"), [("size 42", 42), ("Size: 42, 2x", 42), ("2 pieces in size 41", 41)])
def test_sizes_that_are_numbers_are_named(prompt, size):
    assert chosen(SHOES, prompt).variant_id == size


@pytest.mark.parametrize("prompt", ["42", "2, 42", "42 please", "size 43", "43", "41.5", "size 41.5"])
@pytest.mark.parametrize("fields", [{}, {"quantity": 1}])
def test_a_bare_number_among_them_is_not_sure(prompt, fields):
    assert isinstance(chosen(SHOES, prompt, **fields), Refusal)


@pytest.mark.parametrize("prompt", ["Size Large, Color Blue", "Large size, blue color", "L", "large", "Large / Blue"])
def test_without_options_the_parts_of_the_name_are_read(prompt):
    assert chosen(NAMELESS, prompt) == Choice(8, 1)
    assert chosen(NAMELESS, size="L") == Choice(8, 1)


def test_the_products_own_name_says_nothing():
    soaps = [Choosable(1, "Bar", "S", {"Form": "Bar"}), Choosable(2, "Liquid", "L", {"Form": "Liquid"})]
    assert choose(soaps, fields={}, prompt="2 rose soaps, liquid", product_name="Rose Soap") == Choice(2, 2)
    assert isinstance(choose(soaps, fields={}, prompt="2 rose soaps, liquid", product_name="Soap"), Refusal)


def test_nothing_for_sale():
    assert choose([], fields={}, prompt="").note.endswith("There is nothing for sale.")


def test_a_word_of_two_options_is_not_sure():
    chairs = [
        Choosable(1, "a", "A", {"Wood": "Natural", "Fabric": "Gray"}),
        Choosable(2, "b", "B", {"Wood": "Black", "Fabric": "Natural"}),
    ]
    assert isinstance(choose(chairs, fields={}, prompt="natural"), Refusal)
    assert choose(chairs, fields={}, prompt="fabric natural") == Choice(2, 1)


# --- properties -----------------------------------------------------------------------------------------
SIZES, COLORS = ["Small", "Medium", "Large", "XL"], ["Blue", "Grey", "Dark Blue", "Red"]
catalogs = st.lists(
    st.tuples(st.sampled_from(SIZES), st.sampled_from(COLORS), st.booleans()),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one[:2],
).map(
    lambda rows: [shirt(at, size, color, is_available=there) for at, (size, color, there) in enumerate(rows, start=1)]
)
NOISE = ["2x", "3 pieces", "two pieces", "not blue", "one please", "XXL", "green", "gift wrap", "size", "42", "pair",
         "M", *SIZES, *COLORS]  # fmt: skip
said = st.lists(st.sampled_from([*NOISE, "size L", "colour gray", "X-Large"]), max_size=4)
some_fields = st.fixed_dictionaries(
    {}, optional={"size": st.sampled_from([*SIZES, "L", "Huge"]), "color": st.sampled_from([*COLORS, "gray"]),
                  "quantity": st.sampled_from([1, 2])}
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(catalogs, said, some_fields, st.randoms(use_true_random=False))
def test_the_order_of_what_is_said_and_of_the_variants_does_not_matter(variants, parts, fields, shuffling):
    first = choose(variants, fields=fields, prompt=", ".join(parts))
    shuffled, mixed = list(parts), list(variants)
    shuffling.shuffle(shuffled)
    shuffling.shuffle(mixed)
    again = choose(mixed, fields=dict(reversed(fields.items())), prompt=", ".join(shuffled))
    assert type(first) is type(again)
    if isinstance(first, Choice):
        assert again == first


@st.composite
def wishes(draw) -> tuple[list[Choosable], list[str], dict[str, object]]:
    """A variant that is wanted, said in fields or in the prompt, and some noise."""
    variants = draw(catalogs)
    wanted = draw(st.sampled_from(variants)).options
    in_fields = draw(st.sets(st.sampled_from(["Size", "Color"])))
    noise = draw(st.lists(st.sampled_from(NOISE), max_size=2))
    parts = draw(st.permutations([value for name, value in wanted.items() if name not in in_fields] + noise))
    return variants, parts, {name.lower(): wanted[name] for name in in_fields}


@settings(max_examples=60, deadline=None)
@given(wishes())
@example(([shirt(1, "Large", "Blue")], ["not blue"], {}))
def test_what_is_chosen_is_there_and_contradicts_nothing_that_was_said(wish):
    variants, parts, fields = wish
    choice = choose(variants, fields=fields, prompt=", ".join(parts))
    if isinstance(choice, Refusal):
        return
    [variant] = [one for one in variants if one.variant_id == choice.variant_id]
    assert variant.is_available
    assert not {"not blue", "XXL", "green", "42", "pair", "size"} & set(parts)
    for word in [*parts, *fields.values()]:
        assert word not in SIZES or variant.options["Size"] == word
        assert word not in COLORS or variant.options["Color"] == word
    assert choice.quantity == (2 if {"2x", "two pieces"} & set(parts) else 3 if "3 pieces" in parts else 1)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), catalogs)
def test_any_text_is_answered(prompt, variants):
    assert isinstance(choose(variants, fields={}, prompt=prompt), Choice | Refusal)


def test_the_note_is_the_same_whatever_the_order():
    mixed = random.Random(1).sample(SHIRTS, len(SHIRTS))
    assert chosen(SHIRTS).note == chosen(mixed).note
