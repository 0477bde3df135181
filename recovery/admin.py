"""The merchant's recovery pages."""

from __future__ import annotations

from django.contrib import admin

from recovery.message_admin import MessageAdmin
from recovery.models import Consent, Enrolment, Message, RecoveryLink, Sequence, Step, Suppression
from recovery.people_admin import ConsentAdmin, EnrolmentAdmin, RecoveryLinkAdmin, SuppressionAdmin
from recovery.sequence_admin import SequenceAdmin, StepAdmin

admin.site.register(Sequence, SequenceAdmin)
admin.site.register(Step, StepAdmin)
admin.site.register(Enrolment, EnrolmentAdmin)
admin.site.register(Message, MessageAdmin)
admin.site.register(RecoveryLink, RecoveryLinkAdmin)
admin.site.register(Suppression, SuppressionAdmin)
admin.site.register(Consent, ConsentAdmin)
