"""Payment links and recovery links of this shop, bought as they are."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db.models import Model
from django.utils import timezone

from carts.models import Cart
from carts.states import CartStatus
from catalog.models import Price
from checkouts.models import Checkout
from orders.models import Order
from payments import links
from payments import services as payments
from payments.models import Payment, PaymentLink
from prepaid import queries as balances
from purchases import ending, own_links, worker
from purchases.models import Purchase, PurchaseEvent
from recovery.models import Click, RecoveryLink
from recovery.tokens import digest_of
from tests.factories import STANDARD_ID, demo_shop
from tests.payments.linked import SHIRT, TOLD, let_link_run_out, link_to, shop_cart, told_cart
from tests.purchases.agents import RICH, SHIRT_TOTAL, Agent, make_agent, purchase_of, step_until, work
from tests.recovery.carts import make_abandoned

pytestmark = pytest.mark.django_db
HERE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def shop() -> None:
    demo_shop(on_hand=10)


@pytest.fixture
def agent() -> Agent:
    return make_agent()


def spent(agent: Agent) -> int:
    assert agent.account.held_amount == 0
    assert not balances.out_of_balance().exists()
    return RICH - agent.account.balance_amount


def values(row: Model) -> dict[str, object]:
    """As it is written now."""
    return type(row)._default_manager.filter(pk=row.pk).values().get()  # type: ignore[return-value]


class TestPaymentLinks:
    def test_what_is_owed_is_paid_once(self, agent):
        link = link_to(shop_cart())
        answer = agent.bought(links.address_of(link), "")
        assert (answer["status"], answer["amount_str"]) == ("completed", "24.99")
        order = Order.objects.get()
        assert (order.status, order.captured_amount) == ("accepted", SHIRT)
        assert order.buyer == f"agent:{agent.key.pk} {agent.key.name}"
        assert spent(agent) == SHIRT
        again = agent.bought(links.address_of(link), "")
        assert (again["status"], again["notes"]) == (
            "failed",
            "What this payment link was for is bought already. Nothing was charged.",
        )
        assert spent(agent) == SHIRT

    def test_another_stores_cart_is_paid_with_nothing_told_of_a_person(self, agent):
        link = link_to(told_cart())
        checkout_id = agent.post({"url": links.address_of(link), "user_data": {}}).json()["checkout_id"]
        work()
        assert agent.get(checkout_id).json()["status"] == "completed"
        assert spent(agent) == TOLD

    @pytest.mark.parametrize(
        ("spoil", "note"),
        [
            (let_link_run_out, "has expired"),
            (lambda link: links.end(link.pk), "was ended"),
            (lambda link: Cart.objects.get().lines.update(quantity=2), "has changed since"),
            (lambda link: Cart.objects.update(status=CartStatus.CONVERTED), "can no longer be paid"),
        ],
    )
    @pytest.mark.parametrize("step", ["guard", "pay"])
    def test_one_that_is_dead_or_dies_meanwhile_charges_nothing(self, agent, spoil, note, step):
        link = link_to(shop_cart())
        checkout_id = agent.buy(links.address_of(link), "")
        step_until(checkout_id, step)
        spoil(PaymentLink.objects.get(pk=link.pk))
        work()
        answer = agent.get(checkout_id).json()
        assert answer["status"] == "failed"
        assert note in answer["notes"]
        assert spent(agent) == 0

    def test_an_unknown_one(self, agent):
        answer = agent.bought(f"{HERE}/pay/{'x' * 43}", "")
        assert answer["status"] == "failed"
        assert spent(agent) == 0

    def test_more_than_wanted(self, agent):
        assert "max_amount" in agent.bought(links.address_of(link_to(shop_cart())), "", max_amount=24)["notes"]

    @pytest.mark.parametrize("point", ["payment written, gateway not asked", "gateway asked, its answer not written"])
    @pytest.mark.parametrize("is_overdue", [False, True], ids=["in time", "overdue"])
    def test_a_worker_that_dies_pays_it_once_or_not_at_all(self, agent, monkeypatch, point, is_overdue):
        purchase = purchase_of(agent.buy(links.address_of(link_to(shop_cart())), ""))

        class Killed(BaseException):
            pass

        def die(name: str) -> None:
            if name == point:
                monkeypatch.setattr(payments, "crash_point", lambda name: None)
                raise Killed

        monkeypatch.setattr(payments, "crash_point", die)
        with pytest.raises(Killed):
            worker.work(purchase.pk)
        if is_overdue:
            Purchase.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
            ending.sweep()
        work()
        status = agent.get(str(purchase.public_id)).json()["status"]
        assert status == ("failed" if is_overdue and "not asked" in point else "completed")
        assert spent(agent) == (SHIRT if status == "completed" else 0)
        assert Payment.objects.filter(status="captured").count() == (status == "completed")


class TestRecoveryLinks:
    @pytest.fixture
    def left(self) -> Cart:
        return make_abandoned("ada@example.com", pieces=1, full_name="Ada Lovelace")

    @pytest.fixture
    def address(self, left) -> str:
        token = uuid.uuid4().hex
        expires_at = timezone.now() + timedelta(days=1)
        RecoveryLink.objects.create(token_hash=digest_of(token), cart=left, expires_at=expires_at)
        return f"{HERE}/recover/{token}"

    def test_the_cart_is_bought_and_recovered(self, agent, address, left):
        answer = agent.bought(address, "")
        assert (answer["status"], answer["amount_str"]) == ("completed", "30.98"), answer
        left.refresh_from_db()
        assert left.status == CartStatus.RECOVERED
        assert spent(agent) == SHIRT_TOTAL

    def test_who_the_cart_knows_need_not_be_told_again(self, agent, address):
        answer = agent.bought(address, "", email=None, full_name=None)
        assert answer["status"] == "completed", answer
        assert Order.objects.get().email == "ada@example.com"

    @pytest.mark.parametrize(
        "told",
        [{"max_amount": 1}, {"email": "stranger@example.com", "full_name": "Stranger"}, {"full_name": "A" * 300}],
    )
    def test_a_failed_one_leaves_the_cart_its_session_and_its_reminders_as_they_were(self, agent, address, left, told):
        begun = Checkout.objects.create(cart=left, expires_at=timezone.now() + timedelta(hours=1))
        before = values(left)
        assert agent.bought(address, "", **told)["status"] == "failed"
        assert values(left) == before
        assert left.lines.count() == 1
        assert values(begun)["status"] == "active"
        assert not Click.objects.exists()
        assert spent(agent) == 0

    @pytest.mark.parametrize(
        ("said", "named"),
        [({"prompt": "cancel"}, "prompt"), ({"quantity": 3}, "quantity"), ({"variantId": 7}, "variantId")],
    )
    @pytest.mark.parametrize("kind", ["recover", "pay"])
    def test_what_it_is_for_cannot_be_changed_by_words_beside_it(self, agent, address, kind, said, named):
        url = address if kind == "recover" else links.address_of(link_to(shop_cart()))
        answer = agent.bought(url, **({"prompt": ""} | said))
        assert answer["status"] == "failed"
        assert f"bought as it is; leave out user_data.{named}." in answer["notes"]
        assert spent(agent) == 0

    def test_nobody_elses_address_gets_into_a_cart_that_was_left(self, agent, address):
        notes = agent.bought(address, "", email="stranger@example.com")["notes"]
        assert "is bought for whom it was sent to" in notes
        assert "ada" not in notes
        assert not Cart.objects.filter(email="stranger@example.com").exists()

    def test_the_shoppers_own_address_may_be_told_in_another_spelling(self, agent, address, left):
        assert agent.bought(address, "", email="ADA@Example.com")["status"] == "completed"
        assert Order.objects.get().email == "ada@example.com"

    def test_the_order_names_its_agent(self, agent, address):
        agent.bought(address, "")
        assert Order.objects.get().buyer == f"agent:{agent.key.pk} {agent.key.name}"

    def test_a_price_that_changes_before_it_is_paid_charges_nothing(self, agent, address, left):
        checkout_id = agent.buy(address, "")
        step_until(checkout_id, "pay")
        before = values(left)
        Price.objects.update(amount=9999)
        work()
        assert "Its price changed" in agent.get(checkout_id).json()["notes"]
        assert values(left) == before
        assert spent(agent) == 0

    def test_a_worker_that_dies_after_taking_it_up_goes_on_with_it(self, agent, address, left, monkeypatch):
        purchase = purchase_of(agent.buy(address, ""))

        class Killed(BaseException):
            pass

        def die(name: str) -> None:
            if name == "purchase: cart taken up, not paid":
                raise Killed

        monkeypatch.setattr(own_links, "crash_point", die)
        with pytest.raises(Killed):
            worker.work(purchase.pk)
        monkeypatch.undo()
        work()
        assert agent.get(str(purchase.public_id)).json()["status"] == "completed"
        assert Order.objects.count() == Click.objects.count() == 1
        assert spent(agent) == SHIRT_TOTAL

    def test_its_token_lies_nowhere_and_no_admin_page_shows_it(self, agent, address):
        token = address.rpartition("/")[2]
        purchase = purchase_of(agent.buy(address, ""))
        assert purchase.url == f"{HERE}/recover/..."
        work()
        purchase.refresh_from_db()
        assert token not in str(values(purchase))
        assert token not in str(list(PurchaseEvent.objects.values()))

    @pytest.mark.parametrize(
        ("changes", "note"),
        [
            ({"expires_at": timezone.now() - timedelta(days=1)}, "has expired"),
            ({"revoked_at": timezone.now()}, "was revoked"),
        ],
    )
    def test_a_dead_one(self, agent, address, changes, note):
        RecoveryLink.objects.update(**changes)
        assert note in agent.bought(address, "")["notes"]

    def test_twice_buys_once(self, agent, address):
        agent.bought(address, "")
        assert "is bought already" in agent.bought(address, "")["notes"]
        assert spent(agent) == SHIRT_TOTAL

    def test_what_can_no_longer_be_had_whole_is_not_bought_in_part(self, agent, address, left):
        left.lines.update(quantity=11)
        assert "Not everything" in agent.bought(address, "", shipping_method=str(STANDARD_ID))["notes"]
