#!/usr/bin/env python
"""Django's command line. A mistake in the settings is one sentence, not a traceback."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_project.settings")
    from django.core.exceptions import ImproperlyConfigured

    from demo.simulation import environment

    if sys.argv[1:2] == [environment.COMMAND]:
        environment.prepare()
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as mistake:
        sys.exit(f"Cannot start: {mistake}")
