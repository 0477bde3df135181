"""The tracker API's figures."""

from django.urls import path

from analytics.api import tracker

urlpatterns = [path("analytics", tracker.Analytics.as_view({"get": "retrieve"}))]
