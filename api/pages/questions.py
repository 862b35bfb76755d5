"""A question as its pages show it: the rows of the database, turned into words once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.pages.because import tell_because
from api.pages.quote import Piece, cut, excerpt
from api.pages.voice import Voice
from api.pages.words import (
    Sign,
    answered_sentence,
    final_sentence,
    outcome_word,
    sign_of,
    taken_sentence,
    told_word,
)
from askwatch.model.alert import LIVE_ALERT_STATES, AlertState
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, LeadState
from askwatch.reason_words import ToldReason, order_reasons, pick_for_card, tell_reason
from askwatch.state.alerts import AlertRow, list_for_lead
from askwatch.state.claim_ends import find_claim_ends
from askwatch.state.engine import Transaction
from askwatch.state.experts import find_names
from askwatch.state.leads import LeadLinkRow, LeadRow, find_lead, list_links
from askwatch.state.sources import list_sources
from askwatch.state.topics import list_topics

# Entities that help to decide whether to answer; others are in the text anyway.
_CHIP_KINDS = ("product", "role", "skill", "place", "company_size", "budget", "deadline")
_MAX_CHIPS = 8
# A reason on the question's own page may take two lines of a phone.
_LONG_SPAN = 120


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called, in the reader's language."""

    topics: dict[str, str]
    experts: dict[ExpertId, str]
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """A question in a list."""

    lead: LeadRow
    alert: AlertRow | None
    sign: Sign
    line: str
    topic: str
    source: str
    because: str
    reasons: list[ToldReason]  # the few that a card has room for
    owner: str  # "" while nobody has it
    is_mine: bool
    due_at: datetime | None  # when a taken question goes back to the others

    @property
    def is_claimable(self) -> bool:
        return self.lead.state in CLAIMABLE_LEAD_STATES

    @property
    def is_for_me(self) -> bool:
        """Whether the reader was asked and has not answered yet."""
        return self.alert is not None and self.alert.state in LIVE_ALERT_STATES


@dataclass(frozen=True, slots=True)
class Told:
    """A colleague who was told, and what they may be known to have done."""

    name: str
    word: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Detail:
    """A question on its own page."""

    card: Card
    pieces: list[Piece]
    chips: list[str]
    told: list[Told]
    reasons: list[ToldReason]  # all of them, what spoke for it first
    topics: list[tuple[str, float]]
    links: list[LeadLinkRow]
    final_sentence: str  # what became of it, "" while it is open
    outcome_word: str


def read_names(transaction: Transaction, locale: str) -> Names:
    return Names(
        topics={topic.topic_id: topic.name_in(locale) for topic in list_topics(transaction)},
        experts=find_names(transaction),
        sources={source.source_id: source.name for source in list_sources(transaction)},
    )


def make_cards(
    transaction: Transaction,
    voice: Voice,
    rows: Sequence[tuple[LeadRow, AlertRow | None]],
    *,
    names: Names,
    reader: ExpertId | None,
) -> list[Card]:
    """Return a card for each question, in the order given."""
    ends = find_claim_ends(transaction, [lead.lead_id for lead, _ in rows])
    return [
        Card(
            lead=lead,
            alert=alert,
            sign=sign_of(voice, lead.state),
            line=excerpt(lead.full_text),
            topic=topic_name(voice, names, lead),
            source=names.sources.get(lead.source_id, lead.source_id),
            because=tell_because(voice, alert.because, names.topics) if alert else "",
            reasons=[
                tell_reason(reason, voice.locale, topic_names=names.topics)
                for reason in pick_for_card(lead.reasons)
            ],
            owner=names.experts.get(lead.owner_id, lead.owner_id) if lead.owner_id else "",
            is_mine=lead.owner_id is not None and lead.owner_id == reader,
            due_at=ends.get(lead.lead_id),
        )
        for lead, alert in rows
    ]


def topic_name(voice: Voice, names: Names, lead: LeadRow) -> str:
    """Return the best topic's name, or words for none."""
    if lead.topic_id is None:
        return voice.say("something new")
    return names.topics.get(lead.topic_id, lead.topic_id)


def read_detail(
    transaction: Transaction, voice: Voice, lead_id: LeadId, reader: ExpertId | None
) -> Detail:
    """Return a question with all that its page shows.

    Raises:
        NotFoundError: There is no such question.
    """
    lead = find_lead(transaction, lead_id)
    alerts = list_for_lead(transaction, lead_id)
    names = read_names(transaction, voice.locale)
    own = next((alert for alert in alerts if alert.expert_id == reader), None)
    (card,) = make_cards(transaction, voice, [(lead, own)], names=names, reader=reader)
    spans = [
        (
            reason.start,
            reason.end,
            tell_reason(reason, voice.locale, topic_names=names.topics).words,
        )
        for reason in lead.reasons
        if reason.weight > 0 and reason.text
    ]
    return Detail(
        card=card,
        pieces=cut(lead.full_text, spans),
        chips=_pick_chips(lead),
        told=_list_told(voice, names, [each for each in alerts if each.expert_id != reader]),
        reasons=[
            tell_reason(reason, voice.locale, topic_names=names.topics, limit=_LONG_SPAN)
            for reason in order_reasons(lead.reasons)
        ],
        topics=[
            (names.topics.get(score.topic_id, score.topic_id), score.probability)
            for score in lead.topics
        ],
        links=[link for link in list_links(transaction, lead_id) if not link.is_withdrawn],
        final_sentence=_say_what_became(voice, card),
        outcome_word=outcome_word(voice, lead.outcome) if lead.outcome else "",
    )


def _list_told(voice: Voice, names: Names, alerts: Sequence[AlertRow]) -> list[Told]:
    return [
        Told(
            names.experts.get(alert.expert_id, alert.expert_id),
            told_word(voice, alert.state),
            alert.seen_at or alert.notified_at,
        )
        for alert in alerts
        if alert.state is not AlertState.CANCELLED
    ]


def _say_what_became(voice: Voice, card: Card) -> str:
    lead = card.lead
    if lead.state is LeadState.CLAIMED and not card.is_mine:
        return taken_sentence(voice, card.owner, lead.claimed_at or lead.updated_at)
    if lead.state in {LeadState.ANSWERED, LeadState.CLOSED} and lead.owner_id:
        name = "" if card.is_mine else card.owner
        return answered_sentence(voice, name, lead.answered_at or lead.updated_at)
    return final_sentence(voice, lead.state)


def _pick_chips(lead: LeadRow) -> list[str]:
    chips: dict[str, str] = {}
    for entity in lead.entities:
        if entity.kind in _CHIP_KINDS:
            chips.setdefault(entity.text.casefold(), entity.text)
    return list(chips.values())[:_MAX_CHIPS]
