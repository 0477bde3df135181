"""What is nearly sold out."""

from __future__ import annotations

from django.db.models import F, QuerySet

from catalog.models import Variant

LOW = 3  # pieces


def variants() -> QuerySet[Variant]:
    """What is on sale and of which at most LOW pieces are neither sold nor promised."""
    on_sale = Variant.objects.filter(is_active=True, product__is_active=True)
    return on_sale.filter(stock__on_hand__lte=F("stock__reserved") + LOW)
