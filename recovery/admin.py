"""The merchant's recovery pages. Mails and enrolments are registered in analytics.admin, with what came of them."""

from __future__ import annotations

from django.contrib import admin

from recovery.models import Consent, RecoveryLink, Sequence, Step, Suppression
from recovery.people_admin import ConsentAdmin, RecoveryLinkAdmin, SuppressionAdmin
from recovery.sequence_admin import SequenceAdmin, StepAdmin

admin.site.register(Sequence, SequenceAdmin)
admin.site.register(Step, StepAdmin)
admin.site.register(RecoveryLink, RecoveryLinkAdmin)
admin.site.register(Suppression, SuppressionAdmin)
admin.site.register(Consent, ConsentAdmin)
