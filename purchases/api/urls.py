"""The addresses of the purchase API."""

from django.urls import path

from purchases.api.purchase import Purchases

urlpatterns = [
    path("checkout", Purchases.as_view({"post": "create"})),
    path("checkout/<str:checkout_id>", Purchases.as_view({"get": "retrieve"})),
]
