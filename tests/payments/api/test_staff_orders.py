"""The staff's list of orders and its refunds."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from orders.models import Order
from payments.gateways.base import GatewayRefused, GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Refund, TestCharge
from tests.payments.api.test_one_order import error
from tests.payments.builders import make_order


def refund(client: APIClient, order: Order, body: object, *, key: str = ""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/admin/orders/{order.pk}/refunds", body, format="json", headers=headers)


class TestTheList:
    def test_is_cut_by_offset_and_limit_newest_first(self, staff, unpaid):
        for _ in range(4):
            make_order()
        first = staff.get("/api/admin/orders?limit=2").json()
        second = staff.get("/api/admin/orders?limit=2&offset=2").json()
        ids = [row["id"] for row in first["items"] + second["items"]]
        assert ids == sorted(ids, reverse=True)
        assert (len(ids), first["total"], second["offset"]) == (4, 5, 2)

    def test_finds_by_number_and_by_email(self, staff, paid):
        make_order()
        Order.objects.filter(pk=paid.pk).update(email="ada@example.com")
        for term in (paid.number, "ada@example.com", "ADA@example.com"):
            assert [row["id"] for row in staff.get("/api/admin/orders", {"search": term}).json()["items"]] == [paid.pk]
        assert staff.get("/api/admin/orders?search=nobody").json()["total"] == 0

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=101",
            "limit=x",
            "offset=-1",
            "status=accepted",
            "status=",
            "search=%00",
            "search=" + "x" * 255,
        ],
    )
    def test_a_malformed_query_is_a_400(self, staff, query):
        error(staff.get(f"/api/admin/orders?{query}"), 400)

    def test_makes_as_many_statements_for_many_rows(self, staff, unpaid):
        with CaptureQueriesContext(connection) as few:
            staff.get("/api/admin/orders")
        for _ in range(10):
            make_order()
        with CaptureQueriesContext(connection) as many:
            assert len(staff.get("/api/admin/orders").json()["items"]) == 11
        assert len(many) == len(few)


class TestARefund:
    def test_of_a_part_names_what_went_back_and_the_orders_sums(self, staff, paid):
        response = refund(staff, paid, {"amount": 14.5, "reason": "Arrived broken"})
        assert response.status_code == 201
        back, order = response.json()["refund"], response.json()["order"]
        assert (back["amount"], back["currency"], back["status"], len(back["parts"])) == (14.5, "USD", "done", 1)
        assert (order["status"], order["paid_amount"], order["refunded_amount"]) == ("paid", 55.97, 14.5)
        row = Refund.objects.get()
        assert (row.amount, row.reason, row.created_by) == (1450, "Arrived broken", "merchant")

    def test_without_an_amount_is_all_that_is_left(self, staff, paid):
        refund(staff, paid, {"amount": 5.97, "reason": "x"})
        assert refund(staff, paid, {"reason": "x"}).json()["refund"]["amount"] == 50
        assert TestCharge.objects.get().refunded_amount == 5597

    def test_by_the_orders_uuid_works_too(self, staff, paid):
        path = f"/api/admin/orders/{paid.public_id}/refunds"
        assert staff.post(path, {"reason": "x"}, format="json").status_code == 201

    def test_of_more_than_was_paid_is_a_422_that_says_how_much_can(self, staff, paid):
        assert error(refund(staff, paid, {"amount": 55.98, "reason": "x"}), 422) == "At most 55.97 USD can be refunded."
        assert not Refund.objects.exists()

    def test_of_an_unpaid_order_is_a_422(self, staff, unpaid):
        error(refund(staff, unpaid, {"reason": "x"}), 422)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"amount": 1},
            {"reason": ""},
            {"reason": "x" * 301},
            {"amount": 0, "reason": "x"},
            {"amount": -1, "reason": "x"},
            {"amount": "1", "reason": "x"},
            {"amount": True, "reason": "x"},
            {"amount": 1.001, "reason": "x"},
            {"amount": None, "reason": "x"},
            {"reason": 5},
        ],
    )
    def test_a_malformed_body_is_a_400_and_pays_nothing(self, staff, paid, body):
        error(refund(staff, paid, body), 400)
        assert not Refund.objects.exists()

    def test_in_a_currency_without_decimals_takes_none(self, staff, paid):
        Order.objects.update(currency="JPY")
        assert "decimals" in error(refund(staff, paid, {"amount": 1.5, "reason": "x"}), 400)

    def test_of_an_order_that_is_not_there_is_a_404(self, staff):
        error(refund(staff, Order(pk=999_999), {"reason": "x"}), 404)

    def test_is_for_staff(self, paid):
        error(refund(APIClient(), paid, {"reason": "x"}), 401)
        client = APIClient()
        client.force_login(User.objects.create_user("shopper"))
        error(refund(client, paid, {"reason": "x"}), 403)
        assert not Refund.objects.exists()

    def test_from_a_browser_needs_the_csrf_token(self, paid):
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(User.objects.create_superuser("merchant"))
        error(refund(client, paid, {"reason": "x"}), 403)

    def test_that_the_gateway_will_not_make_is_a_422_with_its_reason(self, staff, paid, monkeypatch):
        def never(*args, **kwargs):
            raise GatewayRefused("The charge is too old.")

        monkeypatch.setattr(TestGateway, "refund", never)
        assert "too old" in error(refund(staff, paid, {"reason": "x"}), 422)

    def test_without_a_clear_answer_is_processing_and_cannot_be_made_twice(self, staff, paid, monkeypatch):
        def silent(*args, **kwargs):
            raise GatewayUnavailable("no route")

        monkeypatch.setattr(TestGateway, "refund", silent)
        response = refund(staff, paid, {"reason": "x"})
        assert (response.status_code, response.json()["refund"]["status"]) == (201, "processing")
        error(refund(staff, paid, {"reason": "x"}), 422)


class TestRepeated:
    def test_under_the_same_key_pays_once_and_answers_the_same(self, staff, paid):
        first, second = (refund(staff, paid, {"amount": 10, "reason": "x"}, key="once") for _ in range(2))
        assert (second.status_code, second.json()) == (201, first.json())
        assert second["Idempotent-Replayed"] == "true"
        assert TestCharge.objects.get().refunded_amount == 1000

    def test_with_another_body_is_a_422(self, staff, paid):
        refund(staff, paid, {"amount": 10, "reason": "x"}, key="once")
        error(refund(staff, paid, {"amount": 11, "reason": "x"}, key="once"), 422)

    def test_without_a_key_it_is_another_refund(self, staff, paid):
        for _ in range(2):
            refund(staff, paid, {"amount": 10, "reason": "x"})
        assert TestCharge.objects.get().refunded_amount == 2000

    def test_after_a_death_before_the_answer_was_kept_pays_once(self, staff, paid):
        from common.models import IdempotencyRecord

        refund(staff, paid, {"amount": 10, "reason": "x"}, key="once")
        IdempotencyRecord.objects.all().delete()
        assert refund(staff, paid, {"amount": 10, "reason": "x"}, key="once").status_code == 201
        assert TestCharge.objects.get().refunded_amount == 1000
