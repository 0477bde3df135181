"""What can go wrong with a purchase here: each ends failed, with a precise note, and nothing is charged or held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import keys
from catalog.models import Discount, Price, Product, Stock, Variant
from checkouts.models import Checkout, ShippingMethod, ShippingRate
from payments.declines import subject_of
from payments.models import DeclineMark, Payment
from prepaid import services as prepaid
from prepaid.models import Account
from purchases import ending, worker
from purchases.models import Purchase
from tests.admin_rows import make_order, make_payment
from tests.factories import ADDRESS, LARGE_BLUE_ID, demo_shop, make_product, make_variant
from tests.purchases.agents import (
    LARGE_BLUE,
    RICH,
    SHIRT_TOTAL,
    SHIRT_URL,
    Agent,
    make_agent,
    nothing_happened,
    purchase_of,
    step_until,
    work,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    demo_shop(on_hand=10)


@pytest.fixture
def agent() -> Agent:
    return make_agent()


def failed(agent: Agent, answer: dict[str, Any]) -> str:
    """The notes of a purchase that failed and left nothing behind."""
    assert (answer["status"], answer["amount_str"], answer["currency"]) == ("failed", "", ""), answer
    nothing_happened(agent)
    assert purchase_of(answer["id"]).told == ""
    return answer["notes"]


def sold_out(agent: Agent) -> None:
    Stock.objects.update(on_hand=0)


def retired(agent: Agent) -> None:
    Product.objects.update(is_active=False)


def without_a_price(agent: Agent) -> None:
    Price.objects.filter(currency="USD").delete()


def without_shipping(agent: Agent) -> None:
    ShippingMethod.objects.update(is_active=False)


def small_cap(agent: Agent) -> None:
    Account.objects.update(purchase_cap_amount=SHIRT_TOTAL - 1)


def small_day(agent: Agent) -> None:
    Account.objects.update(day_cap_amount=SHIRT_TOTAL - 1)


def in_euros(agent: Agent) -> None:
    Account.objects.update(currency="EUR")


def nothing(agent: Agent) -> None:
    pass


HERE = "http://127.0.0.1:8000"
CASES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "sold out": (sold_out, {}, "sold out"),
    "not for sale any more": (retired, {}, "no longer for sale"),
    "without a price": (without_a_price, {}, "not for sale"),
    "no way to ship it": (without_shipping, {}, "how it would send the goods"),
    "over the cap of a purchase": (small_cap, {}, "30.98 USD is more than the cap of 30.97 USD a purchase."),
    "over the cap of a day": (small_day, {}, "today's cap"),
    "a balance in another currency": (in_euros, {}, "The balance is in EUR and the price in USD."),
    "dearer than wanted": (nothing, {"max_amount": 30.97}, "more than user_data.max_amount (30.97 USD)"),
    "dearer than wanted, in text": (nothing, {"max_amount": "30.97"}, "more than user_data.max_amount (30.97 USD)"),
    "a limit of too many decimals": (nothing, {"max_amount": "50.001"}, "user_data.max_amount"),
    **{
        f"dearer than wanted, as {name}": (nothing, {name: 5}, "more than user_data.max_amount (5.00 USD)")
        for name in ("maxAmount", "max-amount", "MAX_AMOUNT", "max_price", "budget")
    },
    "another currency is meant": (nothing, {"max_amount": 50, "currency": "EUR"}, "The price is in USD"),
    "an unknown code in another spelling": (nothing, {"discountCode": "NOTHING"}, "This discount code is not valid."),
    "a code that is a list": (nothing, {"discount_code": ["SUMMER25"]}, "user_data.discount_code must be a text."),
    "two codes": (nothing, {"discount_code": "SUMMER25", "coupon": "ONCE"}, "given twice, differently"),
    "a prompt that is a list": (nothing, {"prompt": ["Large", "Blue"]}, "user_data.prompt must be a text."),
    "a very long prompt": (nothing, {"prompt": LARGE_BLUE + " please" * 400}, "is longer than 2000 characters"),
    "a way of shipping that is an object": (nothing, {"shipping_method": {"id": 2}}, "must be a text"),
    "a negative number": (nothing, {"prompt": f"{LARGE_BLUE}, quantity -1"}, "cannot be read surely"),
    "names that are too long together": (
        nothing,
        {"full_name": None, "first_name": "A" * 150, "last_name": "B" * 150},
        "The name is too long",
    ),
    "an unknown product": (nothing, {"url": f"{HERE}/products/nothing"}, ""),
    "no page of a product": (nothing, {"url": f"{HERE}/admin/"}, ""),
    "an unknown color": (nothing, {"prompt": "Size Large, Color Green"}, "Large / Blue"),
    "which size?": (nothing, {"prompt": "Color Blue"}, "Medium / Blue"),
    "nothing said": (nothing, {"prompt": ""}, "Medium / Blue"),
    "more than there are": (nothing, {"quantity": 11}, "Only 10 of Organic Cotton T-Shirt (Large / Blue) are left."),
    "far too many": (nothing, {"quantity": 10**6}, ""),
    "no pieces": (nothing, {"quantity": 0}, ""),
    "no e-mail address": (nothing, {"email": None}, "mail"),
    "no address": (nothing, {"shipping_address": None}, "address"),
    "an address without a city": (nothing, {"shipping_address": ADDRESS | {"city": ""}}, ""),
    "an unknown way of shipping": (nothing, {"shipping_method": "By balloon"}, "Standard Shipping"),
    "an unknown code": (nothing, {"discount_code": "NOTHING"}, "This discount code is not valid."),
    "a code of the past": (nothing, {"discount_code": "EXPIRED10"}, "This discount code has expired."),
    "a basket too small for the code": (nothing, {"discount_code": "BIG100"}, "at least 100.00 USD"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_fails_with_a_note_and_nothing_is_charged(agent, case):
    prepare, wanted, note = CASES[case]
    prepare(agent)
    wanted = dict(wanted)
    answer = agent.bought(wanted.pop("url", SHIRT_URL), wanted.pop("prompt", LARGE_BLUE), **wanted)
    said = failed(agent, answer)
    assert said
    assert note in said


@pytest.mark.parametrize(
    "told",
    [{"email": "jane.secret@@x"}, {"shipping_address": ADDRESS | {"country": "Janeland"}},
     {"shipping_method": "for Jane"}, {"size": "Jane"}, {"options": {"For Jane": "Jane"}}, {"discount_code": "JANE"},
     {"prompt": f"{LARGE_BLUE} for Jane Doe at 5 Elm Street phone 555-0100"}],
)  # fmt: skip
def test_neither_notes_nor_timeline_tell_anything_of_a_person(agent, told):
    prompt = str(told.pop("prompt", LARGE_BLUE))
    answer = agent.bought(SHIRT_URL, prompt, **told)
    written = answer["notes"] + str(list(purchase_of(answer["id"]).events.values_list("note", flat=True)))
    assert answer["status"] == "failed"
    assert not any(word in written.lower() for word in ("jane", "doe", "elm", "555", "secret"))


def test_with_too_little_on_the_balance(agent):
    poor = make_agent("Poor", balance=SHIRT_TOTAL - 1)
    answer = poor.bought()
    assert answer["notes"] == "The balance is too low: 30.98 USD is needed and 30.97 USD is there."
    assert (poor.account.balance_amount, poor.account.held_amount) == (SHIRT_TOTAL - 1, 0)


def test_with_nothing_on_the_balance_of_a_new_key(agent):
    assert "The balance is too low" in make_agent("New", balance=0).bought()["notes"]


def test_the_day_counts_what_was_bought_and_not_what_failed(agent):
    Account.objects.update(day_cap_amount=2 * SHIRT_TOTAL)
    answers = [agent.bought(max_amount=1), agent.bought(), agent.bought(), agent.bought()]
    assert [answer["status"] for answer in answers] == ["failed", "completed", "completed", "failed"]
    assert answers[-1]["notes"] == (
        "30.98 USD is more than is left of today's cap: 61.96 USD of 61.96 USD is spent or being spent."
    )


class TestBetweenQuoteAndPayment:
    """The money is set aside, and then something changes."""

    @pytest.fixture
    def quoted(self, agent) -> Purchase:
        purchase = step_until(agent.buy(), "pay")
        assert agent.account.held_amount == SHIRT_TOTAL
        return purchase

    def ends(self, agent: Agent, purchase: Purchase) -> str:
        work()
        return failed(agent, agent.get(str(purchase.public_id)).json())

    def test_the_price_went_up(self, agent, quoted):
        Price.objects.filter(variant=LARGE_BLUE_ID).update(amount=2599)
        assert self.ends(agent, quoted).startswith("The price changed from 30.98 USD to 31.98 USD before it was paid.")

    def test_the_price_went_down(self, agent, quoted):
        Price.objects.filter(variant=LARGE_BLUE_ID).update(amount=2399)
        assert "from 30.98 USD to 29.98 USD" in self.ends(agent, quoted)

    def test_shipping_became_dearer(self, agent, quoted):
        ShippingRate.objects.update(amount=9999)
        assert "The price changed" in self.ends(agent, quoted)

    def test_somebody_else_bought_the_last_one(self, agent, quoted):
        Stock.objects.update(on_hand=0)
        assert self.ends(agent, quoted) == "Organic Cotton T-Shirt (Large / Blue) is sold out."

    def test_it_was_taken_out_of_sale(self, agent, quoted):
        Variant.objects.update(is_active=False)
        assert "sold out" in self.ends(agent, quoted)

    def test_its_code_was_used_up(self, agent):
        purchase = step_until(agent.buy(discount_code="ONCE"), "pay")
        Discount.objects.filter(code="ONCE").update(used_count=1)
        assert "The price changed from 25.98 USD to 30.98 USD" in self.ends(agent, purchase)

    def test_its_session_ran_out(self, agent, quoted):
        Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert self.ends(agent, quoted) == "Checkout not found."

    def test_what_was_set_aside_is_gone(self, agent, quoted):
        prepaid.give_back(quoted.source)
        assert "Nothing is set aside" in self.ends(agent, quoted)
        assert Payment.objects.get().status == "declined"

    def test_the_card_testing_limit_of_the_persons_address_is_reached(self, agent, quoted, settings):
        settings.DECLINE_LIMIT = (1, 3600)
        payment = make_payment(make_order())
        DeclineMark.objects.create(subject=subject_of("email", "ada@example.com"), payment=payment)
        work()
        answer = agent.get(str(quoted.public_id)).json()
        assert "Too many payments were declined" in answer["notes"]
        assert agent.account.held_amount == 0


@pytest.mark.parametrize("step", ["guard", "choose", "quote", "pay"])
def test_a_key_that_is_revoked_meanwhile_buys_nothing(agent, step):
    checkout_id = agent.buy()
    step_until(checkout_id, step)
    keys.revoke(agent.key.pk)
    work()
    assert purchase_of(checkout_id).notes == "The API key was revoked. Nothing was charged."
    nothing_happened(agent)


def test_data_sealed_under_another_secret_is_asked_for_again(agent, settings):
    checkout_id = agent.buy()
    settings.SECRET_KEY = "another secret of this shop, thirty-two and more"
    work()
    assert "can no longer be read" in agent.get(checkout_id).json()["notes"]
    nothing_happened(agent)


def test_a_failed_one_stays_failed_whatever_comes_later(agent):
    answer = agent.bought(max_amount=1)
    purchase = purchase_of(answer["id"])
    prepaid.top_up(agent.account.pk, RICH, key="more")
    worker.work(purchase.pk)
    ending.end_overdue(purchase)
    assert agent.get(answer["id"]).json() == answer


def test_a_free_product_over_another_currency_changes_nothing(agent):
    ShippingRate.objects.update(amount=0)
    free = make_variant(make_product("Free"), amount=0).product
    Account.objects.update(currency="EUR")
    failed(agent, agent.bought(f"{HERE}{free.get_absolute_url()}", ""))
