"""The web door: what granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from checkout_project.parent import end_with_parent_if_supervised

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_project.settings")
end_with_parent_if_supervised()
application = get_wsgi_application()
