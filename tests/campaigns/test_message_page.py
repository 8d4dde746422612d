"""An operator writes a message, looks at it as a customer would, and tries it."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from campaigns.models import Campaign, Message, MessageTemplate, Outlet
from campaigns.selectors.letter import SAMPLE_CODE, sample_letter
from campaigns.tasks import try_out
from customers.models import CustomerContact
from retention.access.models import AuditEntry
from retention.jobs.models import JobRun
from retention.jobs.registry import Running
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

from .test_admin import URL, launched, operator, text

pytestmark = pytest.mark.django_db
WORDS = {
    "channel": "EMAIL",
    "subject": "For {first name|you}",
    "body": "Hi {first name|there}, {code} gives {offer}.",
}


def page_of(campaign: Campaign) -> str:
    return f"{URL}{campaign.pk}/message/"


def carry_out() -> None:
    """The test that was asked for, as a worker does."""
    try_out(Running(at=NOW), **JobRun.objects.get(job="campaigns.try_message").arguments)


def draft() -> Campaign:
    """Whose best customer is Ada <Love>."""
    best = at_risk(20)[-1]
    CustomerContact.objects.create(customer=best, name="Ada <Love>", email="ada@example.com")
    return make.campaign(salt="fixed", control_share=0.3)


def test_words_are_kept_with_the_draft_and_who_wrote_them() -> None:
    campaign = draft()

    operator().post(page_of(campaign), WORDS | {"save": "1", "revision": campaign.revision})

    template = MessageTemplate.objects.get()
    assert (template.channel, template.subject) == ("EMAIL", WORDS["subject"])
    assert AuditEntry.objects.get(action="campaign.message").after["body"] == WORDS["body"]
    campaign.refresh_from_db()
    assert campaign.revision == 2, "who approves an older one is told"


def test_an_unknown_placeholder_is_refused_with_the_known_ones() -> None:
    asked = WORDS | {"body": "{code} {phone}", "save": "1"}

    page = text(operator().post(page_of(draft()), asked))

    assert "There is no {phone}. Known are {first name}, {code}, {offer}" in page
    assert not MessageTemplate.objects.exists()


def test_it_is_shown_as_a_customer_of_the_audience_would_get_it_and_then_the_next() -> None:
    signed_in, campaign = operator(), draft()

    first = text(signed_in.post(page_of(campaign), WORDS | {"look": "1"}))
    asked = WORDS | {"next": "1", "customer": "risk19"}
    second = text(signed_in.post(page_of(campaign), asked))

    assert "As Ada &lt;Love&gt; would get it" in first
    assert f"Hi Ada, <strong>{SAMPLE_CODE}</strong> gives 10 % off." in first
    assert "As Customer risk18 would get it" in second
    assert "Hi there," in second
    assert not MessageTemplate.objects.exists(), "looking keeps nothing"


def test_who_may_not_see_customers_sees_none_here() -> None:
    seller = make.user(is_superuser=False)
    names = ["view_campaign", "change_campaign"]
    seller.user_permissions.set(Permission.objects.filter(codename__in=names))
    signed_in = Client()
    signed_in.force_login(seller)

    page = text(signed_in.post(page_of(draft()), WORDS | {"look": "1"}))

    assert "As a customer would get it" in page
    assert "Ada" not in page


def test_a_test_goes_to_the_operators_own_address_marked_and_worth_nothing(
    mailoutbox: list[Any],
) -> None:
    signed_in = operator(email="anne@shop.example")

    signed_in.post(page_of(draft()), WORDS | {"test": "1"})
    carry_out()

    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["anne@shop.example"], "[TEST] For Ada")
    assert SAMPLE_CODE in mail.body
    assert not Message.objects.exists()


def test_a_test_without_a_mail_server_names_its_file(
    settings: Any, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    settings.MAIL_FILES = tmp_path
    signed_in = operator(email="anne@shop.example")

    page = text(signed_in.post(page_of(draft()), WORDS | {"test": "1"}))
    carry_out()

    key = mailoutbox[0].extra_headers["Message-ID"].strip("<>").partition("@")[0]
    assert f"it becomes the file {tmp_path / key}.eml" in page


def test_a_request_for_a_test_waits_for_no_mail_server_and_names_no_address(
    settings: Any, mailoutbox: list[Any]
) -> None:
    settings.MAIL_IS_SET_UP, settings.PUBLIC_URL = True, "https://retention.example"
    page = text(operator(email="anne@shop.example").post(page_of(draft()), WORDS | {"test": "1"}))

    assert "On its way to anne@shop.example." in page
    assert mailoutbox == []
    assert "example" not in str(JobRun.objects.get(job="campaigns.try_message").arguments)


def test_quiet_hours_are_said_before_the_launch_where_something_is_sent_from_here() -> None:
    campaign = draft()
    page = f"{URL}{campaign.pk}/change/"
    by_hand = text(operator().get(page))
    make.message(campaign=campaign)

    by_mail = text(operator().get(page))

    assert "own clock" not in by_hand
    assert "not from 21:00 to 08:00 on each customer&#x27;s own clock" in by_mail


def test_who_has_handed_everything_over_is_not_told_to() -> None:
    campaign, hint = launched(), "taking it hands them over."
    page = f"{URL}{campaign.pk}/change/"
    before = text(operator().get(page))

    Message.objects.update(state="SENT", sent_at=NOW)

    assert hint in before
    assert hint not in text(operator().get(page))


def test_what_was_sent_in_is_changed_no_more() -> None:
    campaign = make.campaign(state="APPROVED")

    operator().post(page_of(campaign), WORDS | {"save": "1"})

    assert not MessageTemplate.objects.exists()


def test_a_launch_writes_the_messages_of_the_chosen_channel() -> None:
    campaign = launched()
    assert set(campaign.messages.values_list("channel", "state")) == {("HANDOFF", "WAITING")}
    Message.objects.update(channel="EMAIL")
    MessageTemplate.objects.create(campaign=campaign, channel="EMAIL", subject="a", body="b")
    first, second = campaign.messages.order_by("pk")[:2]
    first.settle(Message.State.SENT, sent_at=NOW)
    second.settle(Message.State.SKIPPED, reason="CAP")

    page = text(operator().get(f"{URL}{campaign.pk}/change/"))

    total = campaign.messages.count()
    assert f"<dt>Sent</dt><dd>1 of {total}</dd>" in page
    assert f"<dt>Waiting</dt><dd>{total - 2}" in page
    assert "<dt>Had enough messages lately</dt><dd>1</dd>" in page
    assert "reach nobody. Set EMAIL_URL to send them." in page


def test_a_channel_that_paused_itself_is_told_at_home_and_let_go_on() -> None:
    campaign, signed_in = make.message(state="WAITING").campaign, operator()
    Outlet.objects.create(channel="EMAIL", failures=20, last_error="It rains.", paused_at=NOW)

    home = text(signed_in.get("/admin/"))
    signed_in.post(f"{URL}{campaign.pk}/message/again/")

    assert "failed 20 times in a row. It rains." in home
    assert f"/admin/campaigns/campaign/{campaign.pk}/change/#messages" in home
    outlet = Outlet.objects.get()
    assert (outlet.failures, outlet.paused_at) == (0, None)
    assert AuditEntry.objects.filter(action="outlet.open").exists()


@pytest.mark.parametrize("written", ["{products they may like}", "{ products they may like | - }"])
def test_products_stand_where_they_are_asked_for_however_it_is_spaced(written: str) -> None:
    campaign = make.campaign()
    words = {"channel": "EMAIL", "subject": "Hi", "body": f"{{code}}\n\n{written}"}
    template = MessageTemplate(campaign=campaign, **words)

    assert "- A product\n- Another one" in sample_letter(campaign, template, None, at=NOW).text
