"""Which page each record has. The apps below know their own rows; acts and timelines that cross apps are up here."""

from __future__ import annotations

from django.contrib import admin

from carts.models import Cart
from checkouts.models import Checkout
from dashboard.order_page import OrderPage
from dashboard.other_pages import CartPage, CheckoutPage, LinkPage, PaymentPage
from orders.models import Order
from payments.models import Payment, PaymentLink

admin.site.register(Cart, CartPage)
admin.site.register(Checkout, CheckoutPage)
admin.site.register(Order, OrderPage)
admin.site.register(Payment, PaymentPage)
admin.site.register(PaymentLink, LinkPage)
