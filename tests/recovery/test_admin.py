"""The merchant's recovery pages: writing, looking, trying out, switching on; and why somebody got no mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from carts import people
from carts.models import Cart
from carts.states import CartStatus
from recovery import sequences, suppression
from recovery.models import Consent, Enrolment, Holdout, Message, RecoveryLink, Sequence, Step, StepText, Suppression
from recovery.states import Outcome, Reason
from tests.admin_forms import errors_of, filled_in
from tests.admin_rows import staff_with
from tests.recovery.backends import HERE
from tests.recovery.carts import ADA, make_abandoned, make_cart
from tests.recovery.sequences import HOUR, Time, add_step, make_sequence

pytestmark = pytest.mark.usefixtures("shop")


def page(name: str, *args: object) -> str:
    return reverse(f"admin:recovery_{name}", args=args)


def found(client, model: str, **query: str) -> list:
    return list(client.get(page(f"{model}_changelist"), query).context["cl"].result_list)


@pytest.mark.parametrize(
    ("audience", "is_on", "why"),
    [("off", True, "RECOVERY_AUDIENCE"), ("all", False, "no sequence is on"), ("all", True, "before a sequence was")],
)
def test_carts_about_which_nothing_was_ever_decided_are_counted_and_it_is_said_why(
    admin_client, settings, audience, is_on, why
):
    make_abandoned(ago=timedelta(hours=1))
    if is_on:
        make_sequence(on_for=timedelta(minutes=1))
    settings.RECOVERY_AUDIENCE = audience
    Time().run()
    html = admin_client.get(page("message_changelist")).content.decode()
    assert "1 went into no sequence" in html
    assert why in html


class TestCartsInNoSequence:
    """Counted above the list of mails; the count opens the carts."""

    @pytest.fixture
    def carts(self) -> list[Cart]:
        """Three that count: looked at, expired and bought before anybody looked. And four that do not."""
        long_ago, lately = timedelta(days=31), timedelta(hours=2)
        seen = [make_abandoned("a@example.com", ago=lately, is_followed_up=True)]
        make_abandoned("old@example.com", ago=long_ago, is_followed_up=True)
        for number, status in enumerate([CartStatus.EXPIRED, CartStatus.RECOVERED]):
            seen.append(make_abandoned(f"b{number}@example.com", ago=lately, status=status))
        make_abandoned("waits@example.com", ago=lately)
        make_cart("active@example.com")
        enrolled = make_abandoned("c@example.com", ago=lately, is_followed_up=True)
        moments = dict.fromkeys(("spell_at", "due_at", "origin_at"), enrolled.abandoned_at)
        Enrolment.objects.create(cart=enrolled, sequence=make_sequence(HOUR), person="c", **moments)
        return seen

    def test_the_count_opens_just_the_carts_it_counts(self, admin_client, carts):
        html = admin_client.get(page("message_changelist")).content.decode()
        address = re.search(r'href="([^"]*no_sequence[^"]*)">3 went into no sequence</a>', html)
        assert address, html
        shown = admin_client.get(unescape(address[1])).context["cl"].result_list
        assert sorted(cart.pk for cart in shown) == sorted(cart.pk for cart in carts)

    def test_it_is_no_link_for_who_may_not_see_carts(self, client, carts):
        client.force_login(staff_with("recovery.view_message"))
        html = client.get(page("message_changelist")).content.decode()
        assert "3 went into no sequence" in html
        assert "no_sequence" not in html

    def test_an_odd_choice_shows_all_carts(self, admin_client, carts):
        shown = admin_client.get(reverse("admin:carts_cart_changelist"), {"no_sequence": "x"})
        assert shown.status_code == 200
        assert len(shown.context["cl"].result_list) == 7


@pytest.mark.parametrize(
    ("shops", "written", "named"),
    [
        ("en", ("da", "de", "en"), "Step in en"),
        ("en-GB", ("da", "de", "en"), "Step in en"),
        ("de", ("da", "de", "en"), "Step in de"),
        ("fr", ("da", "de", "en"), "Step in en"),
        ("fr", ("es", "de"), "Step in de"),
        ("fr", (), "Open"),
    ],
)
def test_a_sequences_steps_are_named_in_the_shops_language(admin_client, settings, shops, written, named):
    sequence = make_sequence(3600)
    step = sequence.steps.get()
    step.texts.all().delete()
    for language in written:
        StepText.objects.create(step=step, language=language, subject=f"Step in {language}", body="x")
    settings.LANGUAGE_CODE = shops
    html = admin_client.get(page("sequence_change", sequence.pk)).content.decode()
    assert f">{named}</a>" in html
    assert html.count("Step in") == bool(written)


class TestTheListOfSequences:
    @pytest.fixture
    def columns(self, admin_client) -> Callable[[Sequence], tuple[str, str]]:
        """(steps, control group) as the list says them."""

        def read(sequence: Sequence) -> tuple[str, str]:
            found = admin_client.get(page("sequence_changelist")).context["cl"]
            (row,) = [row for row in found.result_list if row.pk == sequence.pk]
            return found.model_admin.step_count(row), found.model_admin.held_out(row)

        return read

    def enrol(self, sequence: Sequence, name: str, drawn_percent: int | None) -> None:
        cart = make_abandoned(f"{name}@example.com")
        moments = dict.fromkeys(("spell_at", "due_at", "origin_at"), cart.abandoned_at)
        Enrolment.objects.create(cart=cart, sequence=sequence, person=name, drawn_percent=drawn_percent, **moments)

    def test_counts_all_steps_and_says_how_many_are_off(self, columns):
        sequence = make_sequence()
        assert columns(sequence)[0] == "3"
        sequence.steps.filter(delay_seconds=HOUR).update(is_active=False)
        assert columns(sequence)[0] == "3 (1 off)"
        sequence.steps.update(is_active=False)
        assert columns(sequence)[0] == "3 (all off)"
        sequence.steps.all().delete()
        assert columns(sequence)[0] == "0"

    def test_says_of_one_that_is_on_at_which_share_people_are_held_out(self, columns, settings):
        sequence = make_sequence()
        settings.RECOVERY_HOLDOUT_PERCENT = 10
        self.enrol(sequence, "ada", 30)
        assert columns(sequence)[1] == "10 %"
        settings.RECOVERY_HOLDOUT_PERCENT = 0
        assert columns(sequence)[1] == "None"

    def test_says_of_one_that_is_off_at_which_share_they_were(self, columns, admin_client, settings):
        settings.RECOVERY_HOLDOUT_PERCENT = 10
        sequence = make_sequence(activated_at=None)
        assert columns(sequence)[1] == "-"
        self.enrol(sequence, "ada", 20)
        self.enrol(sequence, "ben", 30)
        assert columns(sequence)[1] == "30 %"
        html = admin_client.get(page("sequence_change", sequence.pk)).content.decode()
        assert "Of those who came into this one last, 30 % were not." in html
        self.enrol(sequence, "kim", None)
        assert columns(sequence)[1] == "None"

    def test_takes_as_many_queries_however_many_there_are(self, admin_client, django_assert_max_num_queries):
        self.enrol(make_sequence(), "ada", 30)
        with CaptureQueriesContext(connection) as one:
            admin_client.get(page("sequence_changelist"))
        for number in range(5):
            self.enrol(make_sequence(name=f"No {number}"), f"ben{number}", 30)
        with django_assert_max_num_queries(len(one)):
            admin_client.get(page("sequence_changelist"))


class TestWriting:
    def test_a_step_is_typed_in_hours_days_and_major_units(self, admin_client):
        step = make_sequence(3600).steps.get()
        address = page("step_change", step.pk)
        changes = {
            "delay_seconds": "1.5",
            "percent": "12.5",
            "currency": "USD",
            "floor_amount": "20",
            "countries": "dk,se",
        }
        answer = admin_client.post(address, filled_in(admin_client, address, **changes, code_life_seconds="2"))
        assert errors_of(answer) == ""
        step.refresh_from_db()
        assert (step.delay_seconds, step.basis_points, step.floor_amount) == (5400, 1250, 2000)
        assert (step.code_life_seconds, step.countries) == (172_800, "DK, SE")
        html = admin_client.get(address).content.decode()
        assert 'value="1.5"' in html
        assert 'value="12.5"' in html

    @pytest.mark.parametrize(("delay", "life"), [(20, 600), (3601, 86_401), (1, 1)])
    def test_a_span_that_is_no_round_number_of_hours_is_saved_as_it_was(self, admin_client, delay, life):
        step = make_sequence(delay).steps.get()
        Step.objects.update(code_life_seconds=life)
        address = page("step_change", step.pk)
        assert errors_of(admin_client.post(address, filled_in(admin_client, address))) == ""
        step.refresh_from_db()
        assert (step.delay_seconds, step.code_life_seconds) == (delay, life)

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"percent": "10", "off_amount": "5", "currency": "USD"}, "not both"),
            ({"minimum_amount": "20", "currency": ""}, "need a currency"),
            ({"countries": "Denmark"}, "two capital letters"),
            ({"texts-0-body": "Hello {nmae}"}, "stands for nothing"),
            ({"texts-0-subject": "Take {discount}"}, "for a step that gives a code"),
            ({"minimum_amount": "1.005", "currency": "USD"}, "at most 2 decimals"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, admin_client, changes, complaint):
        step = make_sequence(3600).steps.get()
        address = page("step_change", step.pk)
        assert complaint in errors_of(admin_client.post(address, filled_in(admin_client, address, **changes)))

    def test_a_new_sequence_is_off(self, admin_client):
        address = page("sequence_add")
        admin_client.post(address, filled_in(admin_client, address, name="Mine"))
        assert not Sequence.objects.get().is_active

    def test_a_step_that_was_sent_cannot_be_deleted(self, admin_client):
        sequence = make_sequence(3600)
        make_abandoned(ago=timedelta(hours=2))
        Time().run()
        admin_client.post(page("step_delete", sequence.steps.get().pk), {"post": "yes"})
        assert Step.objects.count() == 1


@pytest.fixture
def sequence(shop) -> Sequence:
    """Off."""
    return make_sequence(3600, activated_at=None)


class TestSwitchingOn:
    def switch(self, client, sequence: Sequence, way: str):
        return client.post(page(f"sequence_switch_{way}", sequence.pk), {"_form_submitted": "on"})

    def test_first_says_how_many_would_be_mailed_and_why_others_not(self, admin_client, sequence):
        for number in range(3):
            make_abandoned(f"ada.{number}@example.com", ago=timedelta(hours=2))
        suppression.suppress("ada.0@example.com", "unsubscribed")
        people.note_purchase(emails=["ada.1@example.com"], now=timezone.now())
        html = admin_client.get(page("sequence_switch_on", sequence.pk)).content.decode()
        for line in ("1: Would get the first mail", "1: They have unsubscribed", "1: They have bought meanwhile"):
            assert line in html
        sequence.refresh_from_db()
        assert not sequence.is_active
        assert (Enrolment.objects.count(), Message.objects.count(), mail.outbox) == (0, 0, [])

    def test_then_carts_abandoned_from_now_on_are_mailed_and_no_others(self, admin_client, sequence):
        make_abandoned("old@example.com", ago=timedelta(minutes=1))
        self.switch(admin_client, sequence, "on")
        time = Time()
        make_abandoned(abandoned_at=time.now)
        time.run()
        time.on(hours=2).run()
        assert [message.to for message in mail.outbox] == [[ADA]]

    def test_a_second_press_does_not_move_the_moment(self, admin_client, sequence):
        self.switch(admin_client, sequence, "on")
        since = Sequence.objects.get().activated_at
        self.switch(admin_client, sequence, "on")
        assert Sequence.objects.get().activated_at == since

    def test_switching_off_stops_what_is_in_it(self, admin_client, sequence):
        self.switch(admin_client, sequence, "on")
        time = Time()
        make_abandoned(abandoned_at=time.now)
        time.run()
        self.switch(admin_client, sequence, "off")
        time.on(hours=2).run()
        assert Message.objects.get().reason == Reason.SEQUENCE_OFF

    @pytest.mark.parametrize("without", ["steps", "texts"])
    def test_one_with_nothing_to_send_stays_off(self, admin_client, sequence, without):
        step = sequence.steps.get()
        step.delete() if without == "steps" else step.texts.all().delete()
        self.switch(admin_client, sequence, "on")
        assert not Sequence.objects.get().is_active

    def test_staff_that_may_only_look_cannot(self, client, sequence):
        client.force_login(staff_with("recovery.view_sequence"))
        assert self.switch(client, sequence, "on").status_code == 403

    def test_a_dry_run_draws_nobody_into_the_control_group(self, sequence, settings):
        settings.RECOVERY_HOLDOUT_PERCENT = 100
        make_abandoned(ago=timedelta(hours=2))
        assert sequences.dry_run(sequence).counts == {Reason.HOLDOUT: 1}
        assert not Holdout.objects.exists()


class TestADryRunCartByCart:
    @pytest.fixture
    def address(self, sequence) -> str:
        return page("sequence_dry_run", sequence.pk)

    def test_shows_each_cart_behind_the_counts_and_writes_nothing(self, admin_client, address):
        carts = [make_abandoned(f"ada.{number}@example.com", ago=timedelta(hours=2)) for number in range(2)]
        suppression.suppress("ada.0@example.com", "unsubscribed")
        html = admin_client.get(address).content.decode()
        for text in ("1: Would get the first mail", "1: They have unsubscribed"):
            assert text in html
        for cart in carts:
            assert reverse("admin:carts_cart_change", args=[cart.pk]) in html
        assert (Enrolment.objects.count(), Message.objects.count(), mail.outbox) == (0, 0, [])

    def test_is_found_from_the_sequences_page_with_the_control_groups_share(self, admin_client, sequence, settings):
        settings.RECOVERY_HOLDOUT_PERCENT = 10
        html = admin_client.get(page("sequence_change", sequence.pk)).content.decode()
        assert page("sequence_dry_run", sequence.pk) in html
        assert "10 % of people are not mailed" in html

    def test_is_for_those_who_see_sequences(self, client, address):
        client.force_login(staff_with("recovery.view_step"))
        assert client.get(address).status_code == 403
        client.force_login(staff_with("recovery.view_sequence"))
        assert client.get(address).status_code == 200

    def test_of_none_is_not_found_and_nothing_is_sent_to_it(self, admin_client, address, sequence):
        assert admin_client.get(page("sequence_dry_run", 999)).status_code == 404
        assert admin_client.post(address).status_code == 405


class TestTryingOut:
    @pytest.fixture
    def address(self, shop) -> str:
        make_abandoned(full_name="Ada Lovelace")
        return page("step_preview", make_sequence(3600).steps.get().pk)

    def test_the_mail_is_shown_as_the_newest_carts_owner_would_get_it(self, admin_client, address):
        html = admin_client.get(address).content.decode()
        assert "Hello Ada Lovelace," in html
        assert "Organic Cotton T-Shirt" in html
        assert 'srcdoc="&lt;!doctype html&gt;' in html
        assert (mail.outbox, RecoveryLink.objects.count(), Message.objects.count()) == ([], 0, 0)

    def test_another_cart_and_language_can_be_chosen(self, admin_client, address):
        other = make_abandoned("bo@example.com", full_name="Bo")
        html = admin_client.get(address, {"cart": other.pk, "language": "en"}).content.decode()
        assert "Hello Bo," in html
        assert "no such cart" in admin_client.get(address, {"cart": 999_999}).content.decode()
        assert "Enter a whole number" in admin_client.get(address, {"cart": "x"}).content.decode()

    def test_a_test_mail_goes_to_who_was_named_and_counts_nowhere(self, admin_client, address):
        admin_client.post(address, {"to": "merchant@example.com"})
        assert [(message.to, message.subject) for message in mail.outbox] == [
            (["merchant@example.com"], "[Test] Step 1")
        ]
        assert not Message.objects.exists()

    def test_a_mail_server_that_is_away_is_said_so(self, admin_client, address, settings):
        settings.EMAIL_BACKEND = HERE + "Away"
        assert "nobody listens" in admin_client.post(address, {"to": "merchant@example.com"}).content.decode()

    def test_staff_that_may_only_look_cannot_send(self, client, address):
        client.force_login(staff_with("recovery.view_step"))
        assert client.get(address).status_code == 200
        assert client.post(address, {"to": "merchant@example.com"}).status_code == 403
        client.force_login(staff_with("orders.view_order"))
        assert client.get(address).status_code == 403

    def test_a_step_without_a_text_and_one_that_is_none(self, admin_client, shop):
        step = add_step(make_sequence(60), 7200)
        step.texts.all().delete()
        make_abandoned()
        assert "no text yet" in admin_client.get(page("step_preview", step.pk)).content.decode()
        assert admin_client.get(page("step_preview", 999)).status_code == 404


class TestWhyNot:
    @pytest.fixture(autouse=True)
    def mails(self, shop) -> None:
        make_sequence(3600)
        for number in range(4):
            make_abandoned(f"ada.{number}@example.com", ago=timedelta(hours=2))
        suppression.suppress("ada.0@example.com", "unsubscribed")
        suppression.suppress("ada.1@example.com", "unsubscribed")
        suppression.suppress("ada.2@example.com", "complained")
        Time().run()

    def test_the_counts_add_up_and_each_opens_its_list(self, admin_client):
        answer = admin_client.get(page("message_changelist"))
        lines = answer.context["lines"]
        assert {line.title: line.count for line, _ in lines} == {
            "Sent": 1,
            "They have unsubscribed": 2,
            "They called an earlier mail spam": 1,
        }
        assert (answer.context["mails"], Message.objects.count()) == ("4 mails", 4)
        for line, address in lines:
            assert len(admin_client.get(address).context["cl"].result_list) == line.count

    def test_somebody_is_found_by_their_address_however_it_is_written(self, admin_client):
        (message,) = found(admin_client, "message", q="ADA.0@Example.com")
        assert (message.outcome, message.reason) == (Outcome.SKIPPED, Reason.UNSUBSCRIBED)
        assert found(admin_client, "enrolment", q="ada.3@example.com")
        assert found(admin_client, "message", q="nobody@example.com") == []

    def test_a_cart_in_a_sequence_shows_its_mails(self, admin_client):
        enrolment = Enrolment.objects.get(cart__email="ada.0@example.com")
        assert "They have unsubscribed" in admin_client.get(page("enrolment_change", enrolment.pk)).content.decode()
        assert len(found(admin_client, "enrolment", state="ended")) == 4


class TestSuppressedAddresses:
    def test_staff_adds_one_and_takes_it_off_again(self, admin_client):
        admin_client.post(page("suppression_add"), {"email": " Ada@Example.com", "note": "asked by telephone"})
        row = Suppression.objects.get()
        assert (row.reason, row.hint, row.source) == ("by_staff", "a***@example.com", "admin: asked by telephone")
        assert found(admin_client, "suppression", q="ada@example.com") == [row]
        admin_client.post(page("suppression_delete", row.pk), {"post": "yes"})
        assert not Suppression.objects.exists()

    def test_one_that_is_there_keeps_its_first_reason(self, admin_client):
        suppression.suppress(ADA, "complained")
        assert admin_client.post(page("suppression_add"), {"email": ADA, "note": ""}).status_code == 302
        assert Suppression.objects.get().reason == "complained"

    def test_what_is_no_address_is_refused(self, admin_client):
        answer = admin_client.post(page("suppression_add"), {"email": "nonsense", "note": ""})
        assert answer.status_code == 200
        assert not Suppression.objects.exists()

    def test_staff_that_may_only_look_can_neither(self, client):
        suppression.suppress(ADA, "by_staff")
        client.force_login(staff_with("recovery.view_suppression"))
        assert client.post(page("suppression_add"), {"email": "bo@example.com"}).status_code == 403
        assert client.post(page("suppression_delete", Suppression.objects.get().pk), {"post": "yes"}).status_code == 403


def test_the_proof_of_consent_can_be_exported(admin_client):
    consent = Consent.objects.create(
        person="p" * 64,
        hint="a***@example.com",
        text_version="1",
        text="=1+1",
        network="203.0.113.0",
        source="checkout",
    )
    chosen = {"action": "export_proof", "_selected_action": [consent.pk]}
    answer = admin_client.post(page("consent_changelist"), chosen)
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("person,hint,text_version,text,given_at")
    assert "'=1+1" in lines[1]
    assert "203.0.113.0" in lines[1]


def test_a_link_can_be_revoked(admin_client, client):
    make_sequence(3600)
    make_abandoned(ago=timedelta(hours=2))
    Time().run()
    link = RecoveryLink.objects.get()
    admin_client.post(page("recoverylink_changelist"), {"action": "revoke_selected", "_selected_action": [link.pk]})
    token = mail.outbox[0].body.split("/recover/")[1].split()[0]
    assert client.get(f"/recover/{token}").status_code == 410
