"""A person's digest of a day: their alerts in words, as a letter and as a document for a program."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from data.accounts import scope_of
from data.alerts import Alert, acknowledged, alerts
from data.digests import Subscription
from data.election import Election
from data.store import Store
from pages.alerting import telling
from pages.parts.words import day, say

_NAMED = 40  # alerts of a rule in a letter; the others are counted


@dataclass(frozen=True)
class Digest:
    """What goes to a subscriber on a day. `id` is the same for the same account, channel and day, by which whoever receives it can tell it
    from another."""

    to: Subscription
    on: date
    told: tuple[Alert, ...]
    election: Election
    is_example: bool

    @property
    def id(self) -> str:
        return sha256("|".join((self.to.account.id, self.to.channel, str(self.on))).encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        return say("digest.subject_example" if self.is_example else "digest.subject", count=len(self.told), number=f"{len(self.told):,}", day=day(self.on))

    @property
    def text(self) -> str:
        """The letter: each rule with its alerts, a line each."""
        parts = [say("digest.greeting", name=self.to.account.name, election=self.election.name, day=day(self.on)), *([say("paper.example")] if self.is_example else [])]
        for heading, of in telling.by_rule(self.told):
            lines = [say("digest.line", place=one.place.name, what=telling.what(one, self.election), why=telling.why(one, self.election)) for one in of[:_NAMED]]
            more = [say("figure.and_more", count=len(of) - _NAMED)] if len(of) > _NAMED else []
            parts.append("\n".join((heading, *lines, *more)))
        address = os.environ.get("READINESS_URL", "").rstrip("/")
        return "\n\n".join((*parts, say("digest.end", address=f"{address}/alerts") if address else say("digest.end_here"))) + "\n"

    def letter(self, sender: str) -> EmailMessage:
        """The letter as it is sent."""
        message = EmailMessage(policy=SMTP)
        message["Subject"], message["From"], message["To"] = self.subject, sender, self.to.address
        message["Message-ID"] = f"<{self.id}@{sender.rpartition('@')[2].rstrip('>') or 'localhost'}>"
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence is answered
        message.set_content(self.text)
        return message

    @property
    def document(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "id": self.id, "to": self.to.account.name, "day": str(self.on), "election": self.election.name, "example": self.is_example, "subject": self.subject,
            "alerts": [{"key": one.key, "rule": one.rule, "place_code": one.place.code, "place": one.place.name, "what": telling.what(one, self.election),
                        "why": telling.why(one, self.election)} for one in self.told]}


def digest_of(store: Store, one: Subscription, on: date) -> Digest:
    """The alerts of an account's places that it has not acknowledged."""
    known = acknowledged(store, one.account.name)
    told = tuple(alert for alert in alerts(store, scope_of(store.election, one.account.sees), on=on) if alert.key not in known)
    return Digest(one, on, told, store.election, store.example_day is not None)
