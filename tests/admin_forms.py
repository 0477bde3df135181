"""Fills in the merchant's forms as a browser does: everything the page holds is sent back, changed or not."""

from __future__ import annotations

from typing import Any


def filled_in(client: Any, address: str, **changes: object) -> dict[str, object]:
    """What the page at `address` would send, with `changes` typed over ("prices-0-amount" as prices_0_amount)."""
    context = client.get(address).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, object] = {}
    for form in forms:
        for field in form:
            _put(data, field)
    return data | changes


def _put(data: dict[str, object], field: Any) -> None:
    value = field.value()
    if value is None or value is False:
        return
    widgets = getattr(field.field.widget, "widgets", None)
    if widgets is None:
        data[field.html_name] = value
        return
    for index, part in enumerate(field.field.widget.decompress(value)):
        data[f"{field.html_name}_{index}"] = "" if part is None else str(part)


def errors_of(answer: Any) -> str:
    """Everything the page complains about, as one text; "" when it was saved."""
    if answer.status_code == 302:
        return ""
    context = answer.context
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    return str([context["adminform"].form.errors, *((each.errors, each.non_form_errors()) for each in formsets)])
