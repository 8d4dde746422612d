"""What goes out to customers: the words of a campaign, a row for each message, and what carries it.

A message is written in the transaction that issues its coupon; a sender takes it from there.
"""

from typing import Any

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from campaigns.message_querysets import MessageQuerySet
from customers.models import Customer

from .campaign import Campaign
from .coupon import Coupon


class Channel(models.TextChoices):
    HANDOFF = "HANDOFF", "Hand-off: a file for your newsletter"
    EMAIL = "EMAIL", "E-mail from here"
    WEBHOOK = "WEBHOOK", "Webhook to your own system"


class MessageTemplate(models.Model):
    """How a campaign reaches its customers, and in which words. Without: handed off."""

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="message_template"
    )
    channel = models.CharField(max_length=7, choices=Channel, default=Channel.HANDOFF)
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(max_length=5000, blank=True)
    at_best_hour = models.BooleanField(
        default=False, help_text="Wait for the weekday and hour at which each is usually there."
    )

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(channel="HANDOFF") | (~Q(subject="") & ~Q(body="")),
                name="a_message_that_is_sent_has_words",
            )
        ]

    def __str__(self) -> str:
        return self.subject or self.get_channel_display()


class Message(models.Model):
    """One message to one customer, sent once. Goes when the person is erased."""

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        SENDING = "SENDING", "On its way"
        SENT = "SENT", "Sent"
        FAILED = "FAILED", "Could not be sent"
        SKIPPED = "SKIPPED", "Not sent, by a rule"

    class Reason(models.TextChoices):
        CONSENT = "CONSENT", "No consent to marketing any more"
        CAP = "CAP", "Had enough messages lately"
        DOUBLED = "DOUBLED", "Merged with one who got this message"
        COUPON = "COUPON", "The coupon was used, withdrawn or had expired"
        ADDRESS = "ADDRESS", "No e-mail address is known"
        STOPPED = "STOPPED", "The campaign had ended"
        GAVE_UP = "GAVE_UP", "Given up after too many tries"
        REFUSED = "REFUSED", "Refused for ever by the receiving side"
        UNKNOWN = "UNKNOWN", "Perhaps sent: its sender ended before it could say"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="messages")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    coupon = models.OneToOneField(Coupon, on_delete=models.CASCADE, related_name="message")
    channel = models.CharField(max_length=7, choices=Channel)
    step = models.PositiveSmallIntegerField(default=1, help_text="1 is the first of a campaign.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=8, choices=Reason, blank=True)
    key = models.CharField(
        max_length=32, unique=True, help_text="Sent along: a repeat is known by it."
    )
    due_at = models.DateTimeField(
        help_text="When a sender may take it; while it is on its way, when another one may."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, help_text="What the last try met with.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["campaign", "customer", "step"],
                name="a_customer_gets_a_message_of_a_campaign_once",
            ),
            CheckConstraint(
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at=None)),
                name="a_sent_message_says_when",
            ),
            CheckConstraint(
                condition=(Q(state__in=["FAILED", "SKIPPED"]) & ~Q(reason=""))
                | (~Q(state__in=["FAILED", "SKIPPED"]) & Q(reason="")),
                name="a_message_that_was_not_sent_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "due_at"],
                condition=Q(state__in=["WAITING", "SENDING"]),
                name="messages_that_are_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.customer_id} {self.state}"

    def settle(self, state: State, **fields: Any) -> bool:
        """Change it as it was read, in one statement; False if someone else changed it since."""
        same = Message.objects.filter(
            pk=self.pk, state=self.state, attempts=self.attempts, due_at=self.due_at
        )
        if not same.update(state=state, **fields):
            return False
        for name, value in {"state": state, **fields}.items():
            setattr(self, name, value)
        return True


class Outlet(models.Model):
    """How a channel does: where it fails too often in a row it pauses, until a person looks."""

    channel = models.CharField(max_length=7, choices=Channel, unique=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, until now.")
    last_error = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.get_channel_display()
