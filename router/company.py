"""The company as routing needs it: experts with calendars, topics, policy, history, text index."""

import math
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId, TopicId
from askwatch.model.topic import Topic
from askwatch.state import alert_writes, experts, topics
from askwatch.state.company_version import CompanyVersion, find_version
from askwatch.state.engine import Transaction
from router.calendar import Calendar
from router.policy import Policy, read_policy
from router.shortlist import ProfileIndex

# Answers of the last minute change no decision.
_HISTORY_AGE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class History:
    """How many questions each expert was told of and answered, by topic."""

    read_at: datetime
    answered: Mapping[tuple[ExpertId, TopicId], int]
    told: Mapping[tuple[ExpertId, TopicId], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A snapshot; good until topics, experts or policies change."""

    version: CompanyVersion
    experts: Mapping[ExpertId, Expert]
    calendars: Mapping[ExpertId, Calendar]
    topics: Mapping[TopicId, Topic]
    topic_weights: Mapping[TopicId, float]  # rarer among experts: heavier
    policy: Policy
    policy_version: int
    index: ProfileIndex
    history: History

    def topic_name(self, topic_id: TopicId | None, lang: str) -> str:
        """Return what a topic is called in `lang`; its id when it was removed since."""
        if topic_id is None:
            return ""
        topic = self.topics.get(topic_id)
        return topic_id if topic is None else topic.name_in(lang)


class CompanyCache:
    """Reads the company anew when it has changed. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._company: Company | None = None

    def get(self, transaction: Transaction, now: datetime) -> Company:
        """Return the company as this transaction sees it; costs one small query when unchanged."""
        version = find_version(transaction)
        with self._lock:
            known = self._company
        if known is None or known.version != version:
            company = _read_company(transaction, version, now)
        elif now - known.history.read_at > _HISTORY_AGE:
            company = replace(known, history=_read_history(transaction, now))
        else:
            return known
        with self._lock:
            self._company = company
        return company


def _read_company(transaction: Transaction, version: CompanyVersion, now: datetime) -> Company:
    staff = {each.expert_id: each for each in experts.list_experts(transaction, only_active=True)}
    known = {each.topic_id: each for each in topics.list_topics(transaction)}
    policy, policy_version = read_policy(transaction)
    return Company(
        version=version,
        experts=staff,
        calendars={expert_id: Calendar(expert) for expert_id, expert in staff.items()},
        topics=known,
        topic_weights=_weigh_topics(staff),
        policy=policy,
        policy_version=policy_version,
        index=ProfileIndex(
            {expert_id: _describe(expert, known) for expert_id, expert in staff.items()},
            samples=[
                (text, lang)
                for topic in known.values()
                for text in (*topic.examples, *topic.phrases, topic.description)
                for lang in ("da", "en")
                if text
            ],
        ),
        history=_read_history(transaction, now),
    )


def _read_history(transaction: Transaction, now: datetime) -> History:
    return History(
        now, alert_writes.count_answers(transaction), alert_writes.count_told(transaction)
    )


def _describe(expert: Expert, known: Mapping[TopicId, Topic]) -> str:
    """Return everything that is known of what an expert knows, as one text."""
    parts = [expert.profile, expert.title, *expert.skills]
    for topic in (known[topic_id] for topic_id in expert.topics if topic_id in known):
        parts += [topic.name, *topic.names.values(), topic.description, *topic.phrases]
    return "\n".join(parts)


def _weigh_topics(staff: Mapping[ExpertId, Expert]) -> dict[TopicId, float]:
    declared = Counter(topic_id for expert in staff.values() for topic_id in set(expert.topics))
    return {
        topic_id: math.log(1 + (len(staff) + 1) / (count + 1))
        for topic_id, count in declared.items()
    }
