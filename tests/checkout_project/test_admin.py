"""Every page of the admin, those of models to come included."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.admin_rows import fill, staff_with

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
BY_LABEL = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
ODD = ["", " ", "%", "_", "'", '"; DROP', "\\", "é" * 50, "9" * 40, "#12", "-1", "²", "ada@", "a" * 3000, "\U0001f600"]
ADDRESSES = re.compile(r"""(?:src|href|action)=["']([^"']+)["']|url\(["']?([^"')]+)|@import ["']([^"']+)""")


@pytest.fixture
def merchant(admin_client):
    return admin_client


def list_address(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def change_address(row, what: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk])


@BY_LABEL
def test_the_list_and_the_page_of_a_row_open(merchant, model):
    fill(1, 2)
    assert model._default_manager.exists(), f"tests/admin_rows.py has no {model.__name__}"
    assert merchant.get(list_address(model)).status_code == 200
    for row in model._default_manager.all():
        assert merchant.get(change_address(row)).status_code == 200
        assert merchant.get(change_address(row, "history")).status_code == 200


@pytest.mark.once
@BY_LABEL
def test_the_page_to_add_a_row_opens_or_is_forbidden(merchant, model):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    assert merchant.get(address).status_code in {200, 403}


@pytest.mark.once
@BY_LABEL
def test_a_list_of_thirty_rows_takes_no_more_queries_than_one_of_ten(merchant, model):
    fill(1, 10)
    ten = _queries(merchant, model)
    fill(11, 20)
    assert _queries(merchant, model) == ten


def _queries(client, model) -> int:
    client.get(list_address(model))  # fills what is kept between requests (content types)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(list_address(model)).status_code == 200
    return len(queries)


@BY_LABEL
def test_a_list_without_rows_says_so(merchant, model):
    page = merchant.get(list_address(model))
    assert ("Nothing here yet." in page.content.decode()) == (not page.context["cl"].result_count)


@pytest.mark.once
@BY_LABEL
def test_a_list_narrowed_to_nothing_leads_back_to_all(merchant, model):
    fill(1, 1)
    page = merchant.get(list_address(model), {"q": "nothing-like-this"})
    if page.context["cl"].search_fields:
        html = page.content.decode()
        assert "Nothing fits this search." in html
        assert '<a href="?" class="text-primary-600 dark:text-primary-500">Show all</a>' in html


@pytest.mark.parametrize(
    ("narrowed", "said"),
    [
        ("status__exact=canceled", "Nothing fits these filters."),
        ("status__exact=canceled&q=ada", "Nothing fits this search and these filters."),
        ("o=1", "Nothing here yet."),  # sorting leaves nothing out
    ],
)
def test_an_empty_list_says_what_leaves_everything_out(merchant, db, narrowed, said):
    assert said in merchant.get(f"{list_address(_model('Order'))}?{narrowed}").content.decode()


@pytest.mark.once
@BY_LABEL
def test_a_search_for_anything_is_answered(merchant, model):
    fill(1, 1)
    for term in ODD:
        assert merchant.get(list_address(model), {"q": term}).status_code == 200, term


@pytest.mark.once
def test_a_search_with_a_nul_character_is_answered(merchant, db):
    for model in MODELS:
        assert merchant.get(list_address(model), {"q": "a\x00b"}).status_code == 200


@pytest.mark.parametrize("name", ["Order", "Cart", "Payment", "Checkout"])
def test_a_filter_for_a_zero_byte_leads_to_the_whole_list(merchant, db, name):
    page = merchant.get(list_address(_model(name)), {"status__exact": "\0"})
    assert (page.status_code, page["Location"]) == (302, f"{list_address(_model(name))}?e=1")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_filter_for_a_moment_at_the_end_of_all_years_is_answered(merchant, db, moment):
    """SQLite cannot be asked about it, PostgreSQL can."""
    assert merchant.get(list_address(_model("Order")), {"created_at__gte": moment}).status_code in {200, 302}


@pytest.mark.once
@BY_LABEL
def test_every_filter_can_be_chosen(merchant, model):
    fill(1, 1)
    page = merchant.get(list_address(model))
    for spec in page.context["cl"].filter_specs:
        for choice in spec.choices(page.context["cl"]):
            if "query_string" in choice:
                assert merchant.get(list_address(model) + choice["query_string"]).status_code == 200


@pytest.mark.once
def test_no_page_asks_another_host_for_anything(merchant, db):
    fill(1, 1)
    pages = [reverse("admin:index"), *map(list_address, MODELS)]
    pages += [change_address(model._default_manager.first()) for model in MODELS]
    for page in pages:
        html = merchant.get(page).content.decode()
        for found in ADDRESSES.findall(html):
            host = urlsplit("".join(found)).netloc
            assert host in {"", "testserver"}, f"{page} refers to {host}"


def test_staff_without_a_permission_sees_no_list_and_no_link_to_it(client, db):
    client.force_login(staff_with("orders.view_order"))
    for model in MODELS:
        expected = 200 if model.__name__ == "Order" else 403
        assert client.get(list_address(model)).status_code == expected, model
    home = client.get(reverse("admin:index")).content.decode()
    assert list_address(_model("Order")) in home
    assert list_address(_model("Payment")) not in home


def _model(name: str):
    return next(model for model in MODELS if model.__name__ == name)


def test_the_dashboard_bears_the_shops_name(merchant):
    assert "Demo Shop" in merchant.get(reverse("admin:index")).content.decode()


def test_people_may_leave_the_slash_out(client):
    answer = client.get("/admin")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_somebody_who_guesses_passwords_is_told_to_wait(client, db, settings):
    User.objects.create_superuser("merchant", password="right-password")
    sign_in = {"username": "merchant", "password": "wrong"}
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(reverse("admin:login"), sign_in)
    answer = client.post(reverse("admin:login"), sign_in | {"password": "right-password"})
    assert answer.status_code == 429
    assert "Too many failed sign-ins" in answer.content.decode()


def test_one_wrong_password_is_answered_on_the_sign_in_page(client, db):
    answer = client.post(reverse("admin:login"), {"username": "nobody", "password": "wrong"})
    assert answer.status_code == 200
    assert "Please enter the correct" in answer.content.decode()
