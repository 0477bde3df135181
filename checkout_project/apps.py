from django.apps import AppConfig


class CheckoutProjectConfig(AppConfig):
    name = "checkout_project"

    def ready(self) -> None:
        """Every process knows the Celery application and every app's tasks by name."""
        from checkout_project.celery import app

        app.autodiscover_tasks(force=True)
