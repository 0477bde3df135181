"""The order API's addresses."""

from django.urls import path

from common import paths  # noqa: F401 - registers <id_or_uuid:...>
from payments.api import orders

urlpatterns = [
    path("orders/<id_or_uuid:order_id>", orders.OneOrder.as_view({"get": "retrieve"})),
    path("admin/orders", orders.AdminOrders.as_view({"get": "list"})),
    path("admin/orders/<id_or_uuid:order_id>/refunds", orders.AdminOrders.as_view({"post": "refund"})),
]
