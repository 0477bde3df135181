"""Staff that may not, or that follows an old address, stays in the dashboard; everybody else is in the shop."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.admin_rows import staff_with

pytestmark = pytest.mark.django_db
WAY_BACK = "Back to the dashboard"


@pytest.fixture
def analyst(client: Client) -> Client:
    client.force_login(staff_with("carts.view_cart"))
    return client


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/admin/accounts/user/", 403, "Your role does not allow this."),
        ("/admin/no/such/page/", 404, "This page does not exist"),
    ],
)
def test_staff_is_told_in_the_dashboard(analyst, address, status, said):
    answer = analyst.get(address)
    html = answer.content.decode()
    assert (answer.status_code, said in html, WAY_BACK in html) == (status, True, True)


def test_staff_on_the_shops_pages_is_told_in_the_shop(analyst):
    answer = analyst.get("/no/such/page/")
    assert (answer.status_code, WAY_BACK in answer.content.decode()) == (404, False)


def test_nobody_is_shown_the_dashboard_who_is_not_signed_in(client):
    answer = client.get("/admin/no/such/page/")
    assert answer.status_code in {302, 404}
    assert WAY_BACK not in answer.content.decode()
