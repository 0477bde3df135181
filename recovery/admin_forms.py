"""Forms of the merchant's recovery pages: hours and days for seconds, major units, and what a text may say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from common.forms import MajorUnitsForm, PercentField, PlainDecimalField, plain
from recovery import sequences, texts
from recovery.models import Sequence, Step, StepText
from recovery.states import LEGAL_NOTE, Audience, Reason, Wait

HOUR, DAY = 3600, 86_400
_SECONDS_OF_A_DAY = 6  # decimals
_PER_PERCENT = 100  # basis points


class SpanField(PlainDecimalField):
    """A span of time typed in hours or days; `cleaned_data` has whole seconds."""

    def __init__(self, unit_seconds: int, **kwargs: Any) -> None:
        self.unit_seconds = unit_seconds
        super().__init__(min_value=0, max_digits=12, **kwargs)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return None if typed is None else round(typed * self.unit_seconds)

    def prepare_value(self, value: Any) -> Any:
        """With as many decimals as tell one second from the next."""
        return plain(round(Decimal(value) / self.unit_seconds, _SECONDS_OF_A_DAY)) if isinstance(value, int) else value


class SequenceForm(forms.ModelForm):
    class Meta:
        model = Sequence
        fields = ("name", "audience", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "audience" in self.fields:
            notes = (f"{audience.label}: {LEGAL_NOTE[audience]}" for audience in Audience if audience != Audience.OFF)
            self.fields["audience"].help_text = " ".join(["Never more than RECOVERY_AUDIENCE allows.", *notes])


class StepForm(MajorUnitsForm):
    money_fields = ("minimum_amount", "off_amount", "floor_amount")
    delay_seconds = SpanField(HOUR, label="Hours after it was abandoned", help_text="1, 24, 72 or 0.5.")
    code_life_seconds = SpanField(DAY, label="Days the code is good", initial=7 * DAY)
    percent = PercentField(label="Percent off", required=False, help_text="10 or 12.5; empty: none.")

    class Meta:
        model = Step
        fields = (
            *("sequence", "delay_seconds", "is_active", "customer_kind", "countries", "currency", "minimum_amount"),
            *("off_amount", "floor_amount", "code_life_seconds"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.basis_points:
            self.initial["percent"] = plain(Decimal(self.instance.basis_points) / _PER_PERCENT)
        for name in self.money_fields:
            if name in self.fields:
                self.fields[name].required = False

    def clean_countries(self) -> str:
        return ", ".join(str(self.cleaned_data["countries"]).upper().replace(",", " ").split())

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for name in self.money_fields:
            cleaned[name] = cleaned.get(name) or 0
        if any(cleaned[name] for name in self.money_fields) and not cleaned.get("currency"):
            self.add_error("currency", "Amounts need a currency.")
        if cleaned.get("percent") and cleaned["off_amount"]:
            self.add_error("percent", "A step gives a percentage or an amount, not both.")
        self.instance.basis_points = int((cleaned.get("percent") or 0) * _PER_PERCENT)
        return cleaned


class StepTextForm(forms.ModelForm):
    class Meta:
        model = StepText
        fields = ("language", "subject", "body")


class StepTextFormSet(forms.BaseInlineFormSet):
    """Judged beside the step: only one that gives a code may speak of it."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE"):
                self._check(form)

    def _check(self, form: Any) -> None:
        for name in ("subject", "body"):
            try:
                texts.check(form.cleaned_data.get(name, ""), gives_a_code=self.instance.gives_a_code)
            except ValidationError as error:
                form.add_error(name, error)


class SwitchOnForm(BaseDialogForm):
    """Before anybody is mailed: how many of the carts left now would get the first mail, and why the others not."""

    form_before_template = "admin/recovery_dry_run.html"

    def get_before_template_context(self, request: Any, object_id: int | str | None = None) -> dict[str, Any]:  # noqa: ARG002
        sequence = Sequence.objects.filter(pk=object_id or 0).first()
        if sequence is None:
            return {}
        run = sequences.dry_run(sequence)
        rows = [(title_of(verdict), count) for verdict, count in run.counts.most_common()]
        missing = sequences.what_is_missing(sequence)
        return {"run": run, "rows": rows, "looked_at": len(run.verdicts), "missing": missing}


def title_of(verdict: str) -> str:
    """Of a dry run's verdict."""
    if verdict == sequences.SEND:
        return "Would get the first mail"
    reasons = {reason.value: str(reason.label) for reason in Reason}
    waits = {wait.value: f"Would wait: {wait.label}" for wait in Wait}
    return (reasons | waits).get(verdict, verdict)


class TestSendForm(forms.Form):
    """A mail to look at: with which cart, in which language, and to whom."""

    cart = forms.IntegerField(label="Cart", required=False, min_value=1, widget=UnfoldAdminTextInputWidget)
    language = forms.CharField(label="Language", required=False, max_length=20, widget=UnfoldAdminTextInputWidget)
    to = forms.EmailField(label="Send it to", required=False, widget=UnfoldAdminEmailInputWidget)


class SuppressForm(forms.Form):
    email = forms.CharField(label="E-mail address", max_length=254, widget=UnfoldAdminTextInputWidget)
    note = forms.CharField(label="Note", max_length=150, required=False, widget=UnfoldAdminTextInputWidget)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip()
        validate_email(email)
        return email
