"""The addresses of the order API, of the cart2table API, and of gateways' events."""

from django.urls import path

from common import paths  # noqa: F401 - registers <id_or_uuid:...>
from payments.api import cart2table, orders, webhooks

urlpatterns = [
    path("orders/<id_or_uuid:order_id>", orders.OneOrder.as_view({"get": "retrieve"})),
    path("admin/orders", orders.AdminOrders.as_view({"get": "list"})),
    path("admin/orders/<id_or_uuid:order_id>/refunds", orders.AdminOrders.as_view({"post": "refund"})),
    path("webhooks/stripe", webhooks.TrackersStripeWebhook.as_view()),
    path("webhooks/paypal", webhooks.PayPalWebhook.as_view()),
    path("stripe/webhook", webhooks.StripeWebhook.as_view()),
    path("cart", cart2table.Carts.as_view({"post": "create"})),
    path("cart/<str:cart_id>", cart2table.OneCart.as_view({"get": "retrieve"})),
    path("order", cart2table.Orders.as_view({"post": "create"})),
    path("payment", cart2table.Payments.as_view({"post": "create"})),
]
