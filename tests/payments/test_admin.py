from __future__ import annotations

import pytest
from django.urls import reverse

from payments.models import Payment, PaymentEntry, TestCharge
from tests.admin_rows import fill, make_order, make_payment


def test_a_payment_shows_its_trail_and_who_played_it(admin_client, db):
    payment = make_payment(make_order())
    html = admin_client.get(reverse("admin:payments_payment_change", args=[payment.pk])).content.decode()
    for shown in ("stripe (played by test)", "test_ref_1", "answer", "created", "$25.99"):
        assert shown in html


@pytest.mark.parametrize("model", [Payment, TestCharge])
def test_nobody_edits_money_that_moved(admin_client, db, model):
    fill(1, 1)
    row = model.objects.get()
    for name, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        address = reverse(f"admin:payments_{model._meta.model_name}_{name}", args=args)
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_the_trail_has_no_page_of_its_own_where_it_could_be_edited(admin_client, db):
    make_payment(make_order())
    html = admin_client.get(reverse("admin:payments_payment_change", args=[Payment.objects.get().pk])).content.decode()
    assert "entries-0-note" not in html
    assert 'name="entries-MAX_NUM_FORMS" value="0"' in html
    assert PaymentEntry.objects.count() == 1


def test_payments_are_found_by_reference_and_order_number(admin_client, db):
    payment = make_payment(make_order(1), 1)
    make_payment(make_order(2), 2)
    for term in ("test_ref_1", "ORD-2026-0001", str(payment.pk), str(payment.public_id)):
        found = admin_client.get(reverse("admin:payments_payment_changelist"), {"q": term}).context["cl"].result_list
        assert list(found) == [payment], term
