"""The shopper's pages."""

from django.urls import path
from django.views.generic import RedirectView

from checkouts.pages import cart, catalog, checkout, crawlers, in_place, language, leave, orders, pay

urlpatterns = [
    path("", catalog.home, name="home"),
    path("products/", catalog.product_list, name="products"),
    path("products/<slug:slug>", catalog.product, name="product"),
    path("pictures/<slug:slug>.svg", catalog.picture, name="picture"),
    path("pictures/<slug:look>.png", catalog.mail_picture, name="mail_picture"),
    path("cart/", cart.cart, name="cart"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/address/<str:prefix>", in_place.address_fields, name="address_fields"),
    path("checkout/hints", in_place.hints, name="hints"),
    path("orders/<str:token>", orders.order, name="order"),
    path("orders/<str:token>/approve", leave.approve, name="order_approve"),
    path("orders/<str:token>/return", orders.come_back, name="order_return"),
    path("pay/<str:token>", pay.pay, name="pay"),
    path("language", language.choose, name="language"),
    path("robots.txt", crawlers.robots),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("favicon.ico", catalog.favicon),
    # As people type them.
    path("products", RedirectView.as_view(pattern_name="products")),
    path("cart", RedirectView.as_view(pattern_name="cart")),
    path("checkout", RedirectView.as_view(pattern_name="checkout")),
]
