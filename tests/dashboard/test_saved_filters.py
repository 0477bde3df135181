"""A list as somebody narrowed it, kept under a name: their own to forget, open to whoever sees the list."""

from __future__ import annotations

import pytest

from accounts.models import User
from dashboard.list_page import MOST_SAVED
from dashboard.models import SavedFilter
from orders.models import Order
from payments.models import Payment
from tests.admin_rows import make_order, staff_with
from tests.dashboard.ticked import list_of

PAID = "status__exact=accepted&q=ada"


def save(client, name: str = "Paid", query: str = PAID, model=Order):
    return client.post(list_of(model, "saved"), {"name": name, "query": query}, follow=True)


def names(client, model=Order) -> list[str]:
    return [name for name, *_ in client.get(list_of(model)).context["saved_filters"]]


def test_it_is_kept_and_opens_the_list_as_it_was(admin_client, db):
    make_order()
    assert "Saved as Paid." in save(admin_client).content.decode()
    row = SavedFilter.objects.get()
    assert admin_client.get(list_of(Order, "saved_one", row.pk))["Location"] == f"{list_of(Order)}?{PAID}"
    assert 'aria-current="true"' in admin_client.get(f"{list_of(Order)}?{PAID}").content.decode()


def test_saved_twice_it_is_there_once_as_it_was_saved_last(admin_client, db):
    save(admin_client)
    save(admin_client, query="q=bea")
    assert SavedFilter.objects.get().query == "q=bea"


def test_the_page_that_was_open_is_not_part_of_it(admin_client, db):
    save(admin_client, query=f"{PAID}&p=3&e=1")
    assert SavedFilter.objects.get().query == PAID


def test_each_list_has_its_own(admin_client, db):
    save(admin_client)
    assert (names(admin_client), names(admin_client, Payment)) == (["Paid"], [])
    other = list_of(Payment, "saved_one", SavedFilter.objects.get().pk)
    assert admin_client.get(other).status_code == 404


def test_a_colleague_opens_it_by_its_address_but_has_it_not_among_their_own(admin_client, client, db):
    save(admin_client)
    row = SavedFilter.objects.get()
    client.force_login(staff_with("orders.view_order"))
    assert client.get(list_of(Order, "saved_one", row.pk)).status_code == 302
    assert names(client) == []
    client.post(list_of(Order, "forget", row.pk))
    assert SavedFilter.objects.count() == 1


def test_who_does_not_see_the_list_sees_no_filter_of_it(admin_client, client, db):
    save(admin_client)
    row = SavedFilter.objects.get()
    client.force_login(staff_with("carts.view_cart"))
    assert client.get(list_of(Order, "saved_one", row.pk)).status_code == 403
    assert client.post(list_of(Order, "forget", row.pk)).status_code == 403
    assert client.post(list_of(Order, "saved"), {"name": "Mine"}).status_code == 403


def test_its_owner_forgets_it_and_doing_so_twice_is_harmless(admin_client, db):
    save(admin_client)
    address = list_of(Order, "forget", SavedFilter.objects.get().pk)
    for _ in range(2):
        assert admin_client.post(address).status_code == 302
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"name": "x" * 61}, {"name": "x", "query": "q=4242424242424242"}, {"name": "a\0b"}]
)
def test_what_cannot_be_kept_is_said(admin_client, db, typed):
    answer = admin_client.post(list_of(Order, "saved"), typed, follow=True)
    assert "Not saved." in answer.content.decode()
    assert not SavedFilter.objects.exists()


def test_there_is_an_end_to_them(admin_client, admin_user):
    owner = User.objects.get(pk=admin_user.pk)
    kept = [SavedFilter(owner=owner, list="orders.order", name=f"F{number}") for number in range(MOST_SAVED)]
    SavedFilter.objects.bulk_create(kept)
    assert "are kept at most" in save(admin_client).content.decode()
    assert SavedFilter.objects.count() == MOST_SAVED


@pytest.mark.parametrize(("what", "args"), [("saved", ()), ("forget", (1,))])
def test_an_address_alone_changes_nothing(admin_client, db, what, args):
    assert admin_client.get(list_of(Order, what, *args)).status_code == 405


def test_an_odd_filter_is_answered_by_the_list(admin_client, db):
    save(admin_client, query="nonsense=1&status__odd=2")
    address = list_of(Order, "saved_one", SavedFilter.objects.get().pk)
    assert admin_client.get(address, follow=True).status_code == 200
