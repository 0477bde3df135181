"""Sequences and their steps: written, looked at on a real cart, tried out, switched on."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action, display

from carts.models import Cart
from common.admin import BoundedListMixin, ReadOnlyInline, link_to, table
from common.errors import DomainError
from common.languages import SOURCE, base_of
from common.templatetags.shop import duration
from payments.link_admin import dialog, moved_to
from recovery import letters, sequences
from recovery.admin_forms import (
    SequenceForm,
    StepForm,
    StepTextForm,
    StepTextFormSet,
    SwitchOnForm,
    TestSendForm,
    title_of,
)
from recovery.letters import Letter
from recovery.mailer import Mailer, MailServerAway
from recovery.models import Enrolment, Sequence, Step, StepText
from recovery.states import Outcome
from recovery.things import things_of

_ON = {**dialog("Switch on", "From now on carts that are abandoned go into it."), "form_class": SwitchOnForm}


class StepInline(ReadOnlyInline):
    model = Step
    fields = ("page", "when", "is_active", "gives")
    readonly_fields = fields
    verbose_name_plural = "steps"

    @display(description="Step")
    def page(self, step: Step) -> Any:
        """Named in the shop's language, else in English, else in the first there is."""
        subjects = {text.language.lower(): text.subject for text in step.texts.all()}
        shops = settings.LANGUAGE_CODE.lower()
        named = next((name for name in (shops, base_of(shops), SOURCE) if name in subjects), min(subjects, default=""))
        return link_to(step, subjects.get(named, "Open"))

    @display(description="After")
    def when(self, step: Step) -> str:
        return duration(step.delay_seconds)

    @display(description="Gives a code", boolean=True)
    def gives(self, step: Step) -> bool:
        return step.gives_a_code

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        return super().get_queryset(request).prefetch_related("texts")


class SequenceAdmin(BoundedListMixin, ModelAdmin):
    form = SequenceForm
    list_display = ("name", "id", "state", "audience", "step_count", "held_out", "position", "activated_at")
    list_display_links = ("name",)
    prefix_fields = ("name",)
    ordering = ("position", "id")
    search_help_text = "Name (its beginning) or id"
    inlines = (StepInline,)
    readonly_fields = ("state", "activated_at", "control_group", "more_steps", "look")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *(("name", "position"), "audience", ("state", "activated_at")),
                    *("control_group", ("more_steps", "look")),
                )
            },
        ),
    )
    actions_detail = ("switch_on", "switch_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sequence]:
        newest = Enrolment.objects.filter(sequence=OuterRef("pk")).order_by("-id")
        counted = (
            super()
            .get_queryset(request)
            .annotate(_steps=Count("steps"), _steps_off=Count("steps", filter=Q(steps__is_active=False)))
        )
        return counted.annotate(
            _is_used=Exists(newest.order_by()), _drawn_percent=Subquery(newest.values("drawn_percent")[:1])
        )

    def has_act_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("recovery.change_sequence")

    @display(description="State", label={"on": "success", "off": "warning"})
    def state(self, sequence: Sequence) -> str:
        return "on" if sequence.is_active else "off"

    @display(description="Steps")
    def step_count(self, sequence: Any) -> str:
        """All there are, and how many of them are switched off."""
        total, off = sequence._steps, sequence._steps_off
        return f"{total} ({'all' if off == total else off} off)" if off else str(total)

    @display(description="Control group")
    def held_out(self, sequence: Any) -> str:
        """Of one that is on, whoever comes next is drawn at this share; of one that is off, whoever came last was."""
        if not sequence.is_active and not sequence._is_used:
            return "-"
        percent = settings.RECOVERY_HOLDOUT_PERCENT if sequence.is_active else sequence._drawn_percent
        return f"{percent} %" if percent else "None"

    @display(description="More")
    def more_steps(self, sequence: Sequence) -> Any:
        if sequence.pk is None:
            return "Steps are added when it is saved."
        address = reverse("admin:recovery_step_add") + f"?sequence={sequence.pk}"
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">Add a step</a>', address)

    @display(description="Control group")
    def control_group(self, sequence: Any) -> str:
        percent, earlier = settings.RECOVERY_HOLDOUT_PERCENT, getattr(sequence, "_drawn_percent", None)
        share = f"{percent} % of people are not mailed, and compared with the others" if percent else "None"
        was = f" Of those who came into this one last, {earlier} % were not." if earlier not in {None, percent} else ""
        return f"{share} (RECOVERY_HOLDOUT_PERCENT, for all sequences).{was}"

    @display(description="Dry run")
    def look(self, sequence: Sequence) -> Any:
        if sequence.pk is None:
            return "When it is saved."
        address = reverse("admin:recovery_sequence_dry_run", args=[sequence.pk])
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">Cart by cart</a>', address)

    # --- what it would do ---
    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.dry_run))
        own = path("<int:sequence_id>/dry-run/", page, name="recovery_sequence_dry_run")
        return [own, *super().get_urls()]

    def dry_run(self, request: HttpRequest, sequence_id: int) -> HttpResponse:
        """Each cart with what would happen to its first mail; nothing is sent, drawn or written."""
        sequence = self.get_object(request, str(sequence_id))
        if sequence is None:
            raise Http404
        if not self.has_view_permission(request, sequence):
            raise PermissionDenied
        run = sequences.dry_run(sequence)
        rows = [(link_to(cart), cart.email, title_of(verdict)) for cart, verdict in run.verdicts]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Dry run: {sequence}",
            "run": run,
            "missing": sequences.what_is_missing(sequence),
            "rows": [(title_of(verdict), count) for verdict, count in run.counts.most_common()],
            "looked_at": len(run.verdicts),
            "carts": table(("Cart", "E-mail", "What would happen"), rows),
        }
        return TemplateResponse(request, "admin/recovery_dry_run_page.html", context)

    @action(description="Switch on", permissions=["act"], url_path="switch-on", dialog=_ON)
    def switch_on(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        sequence = self._sequence(request, object_id)
        try:
            sequences.switch_on(sequence.pk)
        except DomainError as error:
            self.message_user(request, f"Not switched on: {error.values['reason']}", messages.ERROR)
        else:
            self.log_change(request, sequence, "Switched on.")
            self.message_user(request, "It is on: carts that are abandoned from now on go into it.", messages.SUCCESS)
        return moved_to(request, reverse("admin:recovery_sequence_change", args=[sequence.pk]))

    @action(
        description="Switch off",
        permissions=["act"],
        url_path="switch-off",
        dialog=dialog("Switch off", "Nothing more is sent, also about carts that are in it already."),
    )
    def switch_off(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        sequence = self._sequence(request, object_id)
        sequences.switch_off(sequence.pk)
        self.log_change(request, sequence, "Switched off.")
        self.message_user(request, "It is off.", messages.SUCCESS)
        return moved_to(request, reverse("admin:recovery_sequence_change", args=[sequence.pk]))

    def _sequence(self, request: HttpRequest, object_id: str) -> Sequence:
        sequence = self.get_object(request, object_id)
        if sequence is None:
            raise Http404
        return sequence


class StepTextInline(StackedInline):
    model = StepText
    form = StepTextForm
    formset = StepTextFormSet
    extra = 0
    min_num = 1
    hide_title = True
    verbose_name_plural = "texts, one a language"


class StepAdmin(BoundedListMixin, ModelAdmin):
    form = StepForm
    list_display = ("id", "sequence", "when", "is_active", "customer_kind", "countries", "gives")
    list_select_related = ("sequence",)
    list_filter = ("sequence", "is_active")
    exact_fields = ("sequence__name",)
    search_help_text = "Name of the sequence, or id"
    inlines = (StepTextInline,)
    readonly_fields = ("placeholders", "look")
    fieldsets = (
        (None, {"fields": (("sequence", "delay_seconds"), ("is_active", "look"))}),
        ("Sent only to", {"fields": (("customer_kind", "countries"), ("minimum_amount", "currency"))}),
        (
            "A code of their own",
            {"fields": (("percent", "off_amount"), ("floor_amount", "code_life_seconds"))},
        ),
        ("What texts may say", {"fields": ("placeholders",)}),
    )

    @display(description="After")
    def when(self, step: Step) -> str:
        return duration(step.delay_seconds)

    @display(description="Gives a code", boolean=True)
    def gives(self, step: Step) -> bool:
        return step.gives_a_code

    @display(description="Placeholders")
    def placeholders(self, step: Step) -> str:  # noqa: ARG002
        from recovery.texts import PLACEHOLDERS

        return "; ".join(f"{{{name}}}: {meaning}" for name, meaning in PLACEHOLDERS.items())

    @display(description="Preview")
    def look(self, step: Step) -> Any:
        if step.pk is None:
            return "When it is saved."
        address = reverse("admin:recovery_step_preview", args=[step.pk])
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">Preview and test</a>', address)

    # --- looking at it, trying it out ---
    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.preview)
        return [path("<int:step_id>/preview/", page, name="recovery_step_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest, step_id: int) -> HttpResponse:
        """The mail as one cart's owner would get it; sent to somebody only when it is asked for."""
        step = self.get_object(request, str(step_id))
        if step is None or not self.has_view_permission(request, step):
            raise Http404 if step is None else PermissionDenied
        form = TestSendForm(request.POST or request.GET or None)
        given: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
        cart = _cart(given.get("cart"))
        letter = _letter(step, cart, given.get("language", "")) if cart else None
        if request.method == "POST" and letter is not None and given.get("to"):
            self._send(request, step, letter, given["to"])
        context = {
            **self.admin_site.each_context(request),
            "title": f"Preview: {step}",
            "step": step,
            "form": form,
            "cart": cart,
            "letter": letter,
            "html": letter.html if letter else "",
            "may_send": self.has_change_permission(request, step),
        }
        return TemplateResponse(request, "admin/recovery_preview.html", context)

    def _send(self, request: HttpRequest, step: Step, letter: Letter, to: str) -> None:
        if not self.has_change_permission(request, step):
            raise PermissionDenied
        letter.message.to = [to]
        letter.message.subject = f"[Test] {letter.subject}"
        try:
            with Mailer() as mailer:
                answer = mailer.hand_over(letter.message)
        except MailServerAway as error:
            self.message_user(request, f"Not sent: {error}", messages.ERROR)
            return
        if answer.outcome == Outcome.SENT:
            self.log_change(request, step, "Sent a test mail.")
            self.message_user(request, "The test mail was sent. Its links lead nowhere.", messages.SUCCESS)
        else:
            self.message_user(request, f"Not sent: {answer.error}", messages.ERROR)


def _cart(cart_id: int | None) -> Cart | None:
    return Cart.objects.filter(pk=cart_id).first() if cart_id else sequences.newest_cart()


def _letter(step: Step, cart: Cart, language: str) -> Letter | None:
    shown = copy(cart)
    shown.language = language or cart.language
    try:
        return letters.write(shown, step, things_of(cart), now=timezone.now())
    except StepText.DoesNotExist:
        return None
