"""The pages that a recovery mail leads to."""

from django.urls import path

from recovery.pages import views

urlpatterns = [
    path("recover/<str:token>", views.recover, name="recover"),
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
]
