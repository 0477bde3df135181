"""The address of the mail provider's events."""

from django.urls import path

from recovery.api import mail_events

urlpatterns = [path("webhooks/mail", mail_events.MailWebhook.as_view())]
