"""The real settings with a mail server that takes its time, and leases that let a proof end soon."""

from checkout_project.settings import *  # noqa: F403

EMAIL_BACKEND = "tests.proofs.slow_mail.EmailBackend"
HANDOVER_LEASE_SECONDS = 4
JOB_LEASE_SECONDS = 6  # a run sends for a sixth of it: one sender at a time, as in the real settings
RECOVERY_QUIET_HOURS = None
RECOVERY_AUDIENCE = "all"
