"""Balances and purchases as the merchant sees them and acts on them."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts import keys
from accounts.models import Scope
from orders.models import Order
from prepaid import services as prepaid
from prepaid.models import Account, Entry
from purchases import usage
from tests.admin_forms import errors_of, filled_in
from tests.admin_rows import staff_with
from tests.factories import demo_shop
from tests.purchases.agents import RICH, SHIRT_TOTAL, Agent, make_agent, purchase_of

pytestmark = pytest.mark.django_db
ADD = "admin:prepaid_account_add"


@pytest.fixture
def agent() -> Agent:
    return make_agent("The agency")


def page_of(account: Account) -> str:
    return reverse("admin:prepaid_account_change", args=[account.pk])


def save(client, account: Account, **changes: object):
    return client.post(page_of(account), filled_in(client, page_of(account), **changes))


def test_money_is_typed_in_major_units_and_who_did_it_is_written(admin_client, agent):
    assert errors_of(save(admin_client, agent.account, comes_in="12.34", note="By bank")) == ""
    assert agent.account.balance_amount == RICH + 1234
    entry = Entry.objects.first()
    assert (entry.kind, entry.note, entry.created_by) == ("top_up", "By bank", "admin")
    assert LogEntry.objects.filter(change_message__contains="Topped up by $12.34").exists()


def test_one_click_that_is_sent_twice_counts_once(admin_client, agent):
    data = filled_in(admin_client, page_of(agent.account), comes_in="10")
    for _ in range(2):
        answer = admin_client.post(page_of(agent.account), data, follow=True)
    assert "it was sent twice" in answer.content.decode()
    assert agent.account.balance_amount == RICH + 1000


def test_more_than_is_free_is_not_paid_out(admin_client, agent):
    prepaid.hold(agent.account.pk, reference="purchase:1", amount=1000, currency="USD")
    data = filled_in(admin_client, page_of(agent.account), comes_in="-10000")
    answer = admin_client.post(page_of(agent.account), data, follow=True)
    assert "The balance is too low: $10,000.00 is needed and $9,990.00 is there." in answer.content.decode()
    assert agent.account.balance_amount == RICH
    save(admin_client, agent.account, comes_in="-9990")
    assert agent.account.balance_amount == 1000


def test_of_a_pay_out_that_is_refused_nothing_is_said_to_be_changed(admin_client, agent):
    typed = {"comes_in": "-10000.01", "purchase_cap_amount": "1"}
    data = filled_in(admin_client, page_of(agent.account), **typed)
    page = admin_client.post(page_of(agent.account), data, follow=True).content.decode()
    assert "The balance is too low" in page
    assert "-10000.01" in page
    assert "was changed successfully" not in page
    assert agent.account.purchase_cap_amount == 50_000


def test_nor_of_one_that_was_free_a_moment_ago(admin_client, agent, monkeypatch):
    data = filled_in(admin_client, page_of(agent.account), comes_in="-10000.01", purchase_cap_amount="1")
    monkeypatch.setattr("purchases.account_admin.AccountForm._must_be_free", lambda form, amount: None)
    page = admin_client.post(page_of(agent.account), data, follow=True).content.decode()
    assert "Nothing was changed. The balance is too low" in page
    assert "was changed successfully" not in page
    assert (agent.account.purchase_cap_amount, agent.account.balance_amount) == (50_000, RICH)
    assert not LogEntry.objects.exists()


def test_a_pay_out_that_is_sent_twice_counts_once(admin_client, agent):
    data = filled_in(admin_client, page_of(agent.account), comes_in="-9000")
    for _ in range(2):
        answer = admin_client.post(page_of(agent.account), data, follow=True)
    assert "it was sent twice" in answer.content.decode()
    assert agent.account.balance_amount == RICH - 900_000


def test_nothing_is_paid_out_of_a_new_account(admin_client):
    key, _ = keys.create(name="New", scope=Scope.PURCHASE)
    typed = {"key": key.pk, "purchase_cap_amount": "10", "day_cap_amount": "20", "comes_in": "-5"}
    assert "too low" in errors_of(admin_client.post(reverse(ADD), filled_in(admin_client, reverse(ADD), **typed)))
    assert not Account.objects.exists()


@pytest.mark.parametrize("typed", ["1.234", "much", "NaN", "1e400", "1e3", "1E3"])
def test_an_amount_that_cannot_be_is_refused_beside_its_field(admin_client, agent, typed):
    assert "comes_in" in errors_of(save(admin_client, agent.account, comes_in=typed))
    assert agent.account.balance_amount == RICH


def test_a_card_number_is_no_note(admin_client, agent):
    assert "card number" in errors_of(save(admin_client, agent.account, comes_in="1", note="4242 4242 4242 4242"))


def test_caps_are_typed_in_major_units_and_touch_no_money(admin_client, agent):
    data = filled_in(admin_client, page_of(agent.account), purchase_cap_amount="30", day_cap_amount="31.5")
    prepaid.top_up(agent.account.pk, 500, key="meanwhile")
    assert errors_of(admin_client.post(page_of(agent.account), data)) == ""
    account = agent.account
    assert (account.purchase_cap_amount, account.day_cap_amount, account.balance_amount) == (3000, 3150, RICH + 500)


def test_a_cap_in_powers_of_ten_is_refused(admin_client, agent):
    assert "purchase_cap_amount" in errors_of(save(admin_client, agent.account, purchase_cap_amount="1e3"))


def test_an_account_is_made_for_a_key_that_has_none(admin_client, agent):
    key, _ = keys.create(name="New", scope=Scope.PURCHASE)
    keys.create(name="A store", scope=Scope.TRACKER)
    address = reverse(ADD)
    offered = {choice[0] for choice in admin_client.get(address).context["adminform"].form.fields["key"].choices}
    assert {str(value) for value in offered} == {"", str(key.pk)}
    data = filled_in(admin_client, address, key=key.pk, purchase_cap_amount="10", day_cap_amount="20", comes_in="5")
    assert errors_of(admin_client.post(address, data)) == ""
    account = Account.objects.get(key=key)
    assert (account.currency, account.balance_amount, account.purchase_cap_amount) == ("USD", 500, 1000)


def test_its_page_shows_what_it_did(admin_client, agent):
    demo_shop()
    agent.bought()
    agent.bought(max_amount=1)
    page = admin_client.get(page_of(agent.account)).content.decode()
    assert "$30.98" in page
    assert "charged" in page
    admin_client.get(reverse("admin:prepaid_entry_changelist") + f"?account__id__exact={agent.account.pk}")


def test_a_purchase_is_shown_with_its_timeline_and_its_order(admin_client, agent):
    demo_shop()
    bought = agent.bought()
    purchase = purchase_of(bought["id"])
    page = admin_client.get(reverse("admin:purchases_purchase_change", args=[purchase.pk])).content.decode()
    for shown in ("The agency", "set aside", purchase.order_reference, bought["id"]):
        assert shown in page
    found = admin_client.get(reverse("admin:purchases_purchase_changelist"), {"q": bought["id"]}).content.decode()
    assert purchase.order_reference in found
    of_key = admin_client.get(reverse("admin:purchases_purchase_changelist") + f"?key__id__exact={agent.key.pk}")
    assert of_key.status_code == 200


def test_the_order_shows_its_agent(admin_client, agent):
    demo_shop()
    agent.bought()
    order = Order.objects.get()
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert f"agent:{agent.key.pk} The agency" in page


def test_staff_who_may_only_look_change_nothing(client, agent):
    client.force_login(staff_with("prepaid.view_account"))
    assert client.get(page_of(agent.account)).status_code == 200
    assert client.post(page_of(agent.account), {"comes_in": "10"}).status_code == 403
    assert agent.account.balance_amount == RICH


def test_usage_counts_what_was_spent(agent):
    demo_shop()
    agent.bought()
    agent.bought(max_amount=1)
    agent.buy()
    today, month, ever = usage.of_key(agent.key.pk, "USD")
    assert (today.completed, today.failed, today.processing, today.spent_amount) == (1, 1, 1, SHIRT_TOTAL)
    assert (month.completed, ever.completed) == (1, 1)


def test_where_goods_go_is_an_address_or_refused_with_what_it_lacks(admin_client, agent):
    lacking = '{"name": "The agency", "city": "Springfield"}'
    assert "lacks" in errors_of(save(admin_client, agent.account, ships_to=lacking))
    assert "Names and values" in errors_of(save(admin_client, agent.account, ships_to="[1]"))
    whole = '{"name": "The agency", "address_line1": "1 Main Street", "city": "Springfield", "country": "US"}'
    assert errors_of(save(admin_client, agent.account, ships_to=whole)) == ""
    assert agent.account.ships_to["city"] == "Springfield"
