"""GET /api/orders/<id>: whose order it is, in which words, with which sums."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User
from orders import services as orders
from orders.models import Order
from payments import refunds
from payments import services as payments
from tests.payments.api.conftest import as_buyer, token_of
from tests.payments.builders import DECLINED, PROCESSING, REQUIRES_ACTION, make_payment


def path(order: Order) -> str:
    return f"/api/orders/{order.pk}"


def error(response, status: int) -> str:
    assert response.status_code == status, response.content
    assert set(response.json()) == {"success", "error"}
    return response.json()["error"]


@pytest.mark.parametrize("by", ["pk", "public_id"])
def test_staff_reads_any_order_by_either_id(staff, paid, by):
    body = staff.get(f"/api/orders/{getattr(paid, by)}").json()
    assert (body["id"], body["order_id"], body["order_number"]) == (paid.pk, str(paid.public_id), paid.number)
    assert (body["status"], body["total_amount"], body["paid_amount"], body["due_amount"]) == ("paid", 55.97, 55.97, 0)
    assert [line["sku"] for line in body["lines"]] == ["TS-BL-M"]
    assert [(one["status"], one["played_by_test"]) for one in body["payments"]] == [("captured", True)]


class TestItsBuyer:
    @pytest.fixture
    def mine(self, unpaid) -> Order:
        Order.objects.update(buyer="supabase:buyer-1")
        return unpaid

    @pytest.mark.parametrize("by", ["pk", "public_id"])
    def test_reads_it_with_the_same_token(self, mine, by):
        assert as_buyer().get(f"/api/orders/{getattr(mine, by)}").json()["id"] == mine.pk

    def test_another_buyer_does_not_find_it(self, mine):
        assert error(as_buyer("buyer-2").get(path(mine)), 404) == "Order not found"

    def test_nor_does_a_buyer_find_a_guests(self, unpaid):
        error(as_buyer("").get(path(unpaid)), 401)
        error(as_buyer().get(path(unpaid)), 404)

    def test_may_not_use_the_staffs_side(self, mine):
        error(as_buyer().get("/api/admin/orders"), 401)
        error(as_buyer().post(f"/api/admin/orders/{mine.pk}/refunds", {"reason": "x"}, format="json"), 401)

    def test_whose_token_is_not_good_is_nobody(self, mine):
        client = APIClient()
        for token in (token_of(exp=1), token_of(aud="admin"), "nonsense"):
            error(client.get(path(mine), headers={"Authorization": f"Bearer {token}"}), 401)


def test_nobody_is_a_401_and_one_who_is_not_staff_a_403(unpaid):
    error(APIClient().get(path(unpaid)), 401)
    shopper = User.objects.create_user("shopper", password="a long pass phrase")
    error(APIClient().get(path(unpaid), headers={"Authorization": f"Bearer {AccessToken.for_user(shopper)}"}), 403)


@pytest.mark.parametrize("order_id", ["999999", str(uuid.UUID(int=1)), "0", "9" * 18])
def test_what_is_not_there_is_a_404(staff, order_id):
    assert error(staff.get(f"/api/orders/{order_id}"), 404) == "Order not found"


@pytest.mark.parametrize("order_id", ["x", "-1", "1.0", "9" * 19, "{" + str(uuid.UUID(int=1)) + "}"])
def test_what_can_be_no_id_is_an_unknown_path(staff, order_id):
    error(staff.get(f"/api/orders/{order_id}"), 404)


def say(order: Order, *results) -> None:
    payment = make_payment(order)
    for result in results:
        payments.apply_result(payment.pk, result, heard_from="webhook")


def ask_for_approval(order: Order) -> None:
    payments.pay_order(order.pk, provider="stripe", instrument="tok_threeDSecureRequired")


WORDS = {
    "nobody tried yet": (lambda order: None, "pending"),
    "the gateway is being asked": (lambda order: say(order, PROCESSING), "pending"),
    "the shopper has to approve": (lambda order: say(order, REQUIRES_ACTION), "pending"),
    "the last try was a no": (lambda order: say(order, DECLINED), "failed"),
    "and the next one is under way": (lambda order: (say(order, DECLINED), ask_for_approval(order)), "pending"),
    "taken": (lambda order: payments.pay_order(order.pk, provider="stripe", instrument="tok_visa"), "paid"),
    "not paid in time": (lambda order: orders.cancel(order, now=timezone.now()), "canceled"),
}


@pytest.mark.parametrize(("happens", "word"), list(WORDS.values()), ids=list(WORDS))
def test_the_status_is_one_of_four_words_and_the_list_finds_it_by_that(staff, unpaid, happens, word):
    happens(unpaid)
    assert staff.get(path(unpaid)).json()["status"] == word
    for other in ("pending", "paid", "failed", "canceled"):
        rows = staff.get(f"/api/admin/orders?status={other}").json()
        assert [row["status"] for row in rows["items"]] == ([word] if other == word else [])
        assert rows["total"] == len(rows["items"])


def test_what_went_back_is_told_beside_the_status(staff, paid):
    refunds.refund_order(paid.pk, amount=1000, reason="Too small", request_key="r")
    body = staff.get(path(paid)).json()
    assert (body["status"], body["refunded_amount"], body["amounts"]["due"]) == ("paid", 10, 0)
    assert [(one["amount"], one["status"], one["reason"]) for one in body["payments"][0]["refunds"]] == [
        (10, "done", "Too small")
    ]


def test_a_read_makes_as_many_statements_however_many_payments(staff, unpaid):
    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(path(unpaid)).status_code == 200
        return len(captured)

    say(unpaid, DECLINED)
    few = counted()
    for number in range(5):
        payment = make_payment(unpaid)
        payments.apply_result(
            payment.pk, DECLINED.__class__(DECLINED.outcome, f"r{number}", 5597, "USD"), heard_from="x"
        )
    assert counted() == few


def test_it_can_only_be_read(staff, paid):
    for method in ("post", "put", "patch", "delete"):
        response = getattr(staff, method)(path(paid), {}, format="json")
        error(response, 405)
        assert "GET" in response["Allow"]
