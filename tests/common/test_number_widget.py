"""Numbers of the admin's forms arrive as they were typed."""

from __future__ import annotations

from django import forms

from common.forms import MajorUnitsField, NumberWidget, PercentField, PlainDecimalField


class Form(forms.Form):
    money = MajorUnitsField()
    percent = PercentField()
    plain = PlainDecimalField()
    pieces = forms.IntegerField(min_value=1, max_value=9, widget=NumberWidget)


def test_none_is_a_browsers_number_field_which_sends_nothing_where_it_cannot_read():
    html = str(Form())
    assert html.count('type="text"') == len(Form.base_fields)
    assert not [word for word in ('type="number"', " min=", " max=", " step=") if word in html]


def test_a_phone_shows_its_keys_for_numbers_where_none_can_be_negative():
    assert [name for name in Form.base_fields if 'inputmode="decimal"' in str(Form()[name])] == [
        "money",
        "percent",
        "pieces",
    ]


def test_what_cannot_be_read_is_refused_and_shown_again():
    form = Form({"money": "1,5", "percent": "8-6", "plain": "1e3", "pieces": "2.5"})
    assert set(form.errors) == set(Form.base_fields)
    assert 'value="1,5"' in str(form["money"])
