"""What one transaction of the router works with, and what it leaves to count when committed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from askwatch.model.alert import Channel
from askwatch.observe import ALERTS, DELIVERIES, LEADS, POST_TO_ALERT_SECONDS
from askwatch.settings import Settings
from askwatch.state.engine import Transaction
from router.company import Company


@dataclass(frozen=True, slots=True)
class Reach:
    """By which channels people can be told, and as whom mails are sent."""

    channels: frozenset[Channel]
    mail_host: str


def read_reach(settings: Settings) -> Reach:
    """Return what `settings` allow: without a mail server there is only the inbox."""
    channels = {Channel.INBOX} | ({Channel.EMAIL} if settings.smtp_url else set())
    return Reach(frozenset(channels), urlsplit(settings.public_url).hostname or "localhost")


@dataclass(slots=True)
class Tally:
    """Counts of what a transaction did; told to the metrics once it is committed."""

    leads: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)

    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)  # channel, result
    first_alerts: list[tuple[str, float]] = field(default_factory=list)  # source, age in seconds

    def observe(self) -> None:
        for event, count in self.leads.items():
            LEADS.labels(event=event).inc(count)
        for state, count in self.alerts.items():
            ALERTS.labels(state=state).inc(count)
        for (channel, result), count in self.deliveries.items():
            DELIVERIES.labels(channel=channel, result=result).inc(count)
        for source, age_s in self.first_alerts:
            POST_TO_ALERT_SECONDS.labels(source=source).observe(age_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transaction, at one moment, with the company as it stood then."""

    transaction: Transaction
    now: datetime
    company: Company
    reach: Reach
    tally: Tally = field(default_factory=Tally)
