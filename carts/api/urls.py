"""The tracker API's carts. What else it has below /api/carts is in payments.api."""

from django.urls import path

from carts.api import tracker

urlpatterns = [
    path("carts", tracker.Carts.as_view({"get": "list", "post": "create"})),
    path("carts/bulk", tracker.ManyCarts.as_view({"post": "create"})),
    path(
        "carts/<str:cart_id>",
        tracker.OneCart.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
]
