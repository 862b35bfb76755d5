"""How good an expert is for a lead: the start formula, term by term (ROUTING.md 3).

Terms without data yet stand at a prior, said beside each.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import JsonValue

from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId, TopicId
from askwatch.model.lead import Entity
from askwatch.state.leads import LeadRow
from router.company import Company
from router.policy import Policy
from router.regions import Whereabouts, read_whereabouts
from router.shortlist import QueryWord, read_query

# Share of alerts that get an answer before anything is known, worth five alerts (ROUTING: E).
_PRIOR_ANSWER_RATE, _PRIOR_STRENGTH = 0.5, 5.0
# Nobody's response times are known yet: ten minutes for all, against ROUTING's scale of thirty.
_PRIOR_RESPONSE = timedelta(minutes=10)
_RESPONSE_SCALE = timedelta(minutes=30)
# A lead that names no place fits every region half.
_PRIOR_REGION = 0.5
# The level wanted is not read from posts yet: the middle of five.
_PRIOR_LEVEL, _LEVELS = 3, 4
_FATIGUE_WINDOW = timedelta(hours=4)
_RECOVERY = timedelta(hours=4)
_SHOWN = 3

Because = list[dict[str, JsonValue]]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one expert for one lead, each in [0, 1]."""

    topic_fit: float  # T
    skills: float  # K
    track_record: float  # E
    availability: float  # Av
    response: float  # Rt
    region: float  # Rg
    language: float  # Lg
    seniority: float  # Sn

    def score(self) -> float:
        """Return s of ROUTING, without its gates."""
        return (
            0.40 * self.topic_fit
            + 0.10 * self.skills
            + 0.15 * self.track_record
            + 0.10 * self.availability
            + 0.08 * self.response
            + 0.07 * self.region
            + 0.05 * self.language
            + 0.05 * self.seniority
        )


@dataclass(frozen=True, slots=True)
class Load:
    """What an expert has had and has to do at the moment."""

    told_at: Sequence[datetime] = ()  # alerts and reminders of the last day
    open_claims: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """An expert's worth for a lead: p in [0, 1] is calibrated, V only ranks."""

    expert: Expert
    terms: Terms
    score: float
    probability: float
    value: float
    because: Because

    def all_terms(self) -> dict[str, float]:
        """Return what the decision log keeps."""
        rounded = {name: round(value, 4) for name, value in asdict(self.terms).items()}
        return {**rounded, "p": round(self.probability, 4), "value": round(self.value, 4)}


@dataclass(frozen=True, slots=True)
class Ask:
    """A lead, prepared once for being compared with all experts."""

    lead: LeadRow
    words: Sequence[QueryWord]
    fits: Mapping[ExpertId, float]
    topics: Mapping[TopicId, float]  # what each topic weighs
    products: frozenset[str]
    places: Whereabouts
    stems: frozenset[str]


def read_ask(lead: LeadRow, company: Company) -> Ask:
    """Return what of `lead` the terms look at."""
    words = read_query(lead.full_text, lead.lang)
    topics = {each.topic_id: each.probability for each in lead.topics}
    return Ask(
        lead=lead,
        words=words,
        fits=company.index.fits(words),
        topics={
            topic_id: probability * company.topic_weights.get(topic_id, 1.0)
            for topic_id, probability in topics.items()
        },
        products=_names(lead.entities, {"product", "vendor", "skill"}),
        places=read_whereabouts(lead.entities),
        stems=frozenset(stem for word in words for stem in word.stems),
    )


def rate(ask: Ask, expert: Expert, company: Company, load: Load, now: datetime) -> Match:
    """Return how good `expert` is for `ask` at `now`; gates are selection's business."""
    lead, policy = ask.lead, company.policy
    skills = [skill for skill in expert.skills if _is_asked(skill, ask)]
    regions = [each for each in expert.regions if ask.places.covers(each)]
    answers = _count_answers(ask, expert.expert_id, company)
    terms = Terms(
        topic_fit=ask.fits.get(expert.expert_id, 0.0),
        skills=_skill_overlap(ask, expert, skills),
        track_record=_track_record(ask, expert.expert_id, company),
        availability=_availability(expert, company, now, policy.timeout_s(lead.urgency)),
        response=math.exp(-(_PRIOR_RESPONSE / _RESPONSE_SCALE)),
        region=_PRIOR_REGION if not ask.places else float(bool(regions)),
        language=language_level(expert, lead.lang),
        seniority=1 - abs(_PRIOR_LEVEL - expert.level) / _LEVELS,
    )
    score = terms.score()
    probability = 1 / (1 + math.exp(-(policy.platt_a + policy.platt_b * score)))
    return Match(
        expert=expert,
        terms=terms,
        score=score,
        probability=probability,
        value=_worth(lead, policy) * probability * _strain(expert, load, policy, now),
        because=_explain(ask, expert, company, skills, regions, answers),
    )


def language_level(expert: Expert, lang: str) -> float:
    """Return how well an expert reads and writes `lang`; an unknown language is no obstacle."""
    if lang == "und":
        return max(expert.languages.values(), default=0.0)
    return expert.languages.get(lang, 0.0)


def is_on_topic(ask: Ask, expert: Expert, terms: Terms, policy: Policy) -> bool:
    """Tell whether the lead is an expert's business at all: a lead foreign to all alerts nobody.

    Where the lead has topics one of them must be the expert's; without any, the text alone must
    fit well.
    """
    if ask.topics:
        return any(topic_id in ask.topics for topic_id in expert.topics)
    return terms.topic_fit >= policy.topic_fit_floor


def _worth(lead: LeadRow, policy: Policy) -> float:
    """Return the lead's value, less what is lost until somebody responds."""
    decay = math.exp(-_PRIOR_RESPONSE.total_seconds() / policy.half_life_s(lead.urgency))
    return max(lead.value, policy.value_floor) * decay


def _strain(expert: Expert, load: Load, policy: Policy, now: datetime) -> float:
    """Return fat * rec * load of ROUTING: the share left of a person who is told much."""
    recent = sum(1 for at in load.told_at if now - at < _FATIGUE_WINDOW)
    fatigue = policy.fatigue_per_alert**recent
    since = now - max(load.told_at) if load.told_at else None
    recovery = 1.0 if since is None else 1 - 0.5 * 2 ** -(since / _RECOVERY)
    busy = load.open_claims / expert.capacity if expert.capacity else 1.0
    return fatigue * recovery * max(0.0, 1 - busy**2)


def _skill_overlap(ask: Ask, expert: Expert, skills: Sequence[str]) -> float:
    # One more than is named: a skill that only the text asks for has room to count.
    wanted = sum(ask.topics.values()) + len(ask.products) + 1
    mine = sum(weight for topic_id, weight in ask.topics.items() if topic_id in expert.topics)
    return min(1.0, (mine + len(skills)) / wanted)


def _track_record(ask: Ask, expert_id: ExpertId, company: Company) -> float:
    answered = _count_answers(ask, expert_id, company)
    told = sum(company.history.told.get((expert_id, topic_id), 0) for topic_id in ask.topics)
    prior = _PRIOR_ANSWER_RATE * _PRIOR_STRENGTH
    return (answered + prior) / (max(told, answered) + _PRIOR_STRENGTH)


def _count_answers(ask: Ask, expert_id: ExpertId, company: Company) -> int:
    return sum(company.history.answered.get((expert_id, topic_id), 0) for topic_id in ask.topics)


def _availability(expert: Expert, company: Company, now: datetime, timeout_s: float) -> float:
    """Return the part of the time-out that lies in the expert's hours."""
    closes_at = company.calendars[expert.expert_id].closes_at(now)
    if closes_at is None:
        return 1.0
    return min(1.0, (closes_at - now).total_seconds() / timeout_s)


def _is_asked(skill: str, ask: Ask) -> bool:
    if skill.casefold() in ask.products:
        return True
    words = _skill_words(skill, ask.lead.lang)
    return bool(words) and all(word.stems & ask.stems for word in words)


def _names(entities: Sequence[Entity], kinds: set[str]) -> frozenset[str]:
    return frozenset(
        (each.value or each.text).casefold() for each in entities if each.kind in kinds
    )


def _explain(
    ask: Ask,
    expert: Expert,
    company: Company,
    skills: Sequence[str],
    regions: Sequence[str],
    answers: int,
) -> Because:
    """Return why this expert, strongest first: kinds and values that pages turn into words."""
    lead = ask.lead
    found: list[tuple[str, list[JsonValue]]] = [
        ("answers", [str(answers), *_shared_topics(ask, expert)[:1]] if answers else []),
        ("skill", [*skills[:_SHOWN]]),
        ("topic", _shared_topics(ask, expert)),
        ("profile", [] if skills else _shared_words(ask, expert, company)),
        ("region", [*regions[:_SHOWN]]),
        ("language", [lead.lang] if lead.lang in expert.languages else []),
        ("duty" if expert.is_on_duty else "free", [True]),
    ]
    return [
        {"kind": kind, "values": [] if kind in {"duty", "free"} else values}
        for kind, values in found
        if values
    ]


def _shared_topics(ask: Ask, expert: Expert) -> list[JsonValue]:
    shared = [topic_id for topic_id in ask.topics if topic_id in expert.topics]
    return [*shared[:_SHOWN]]


def _shared_words(ask: Ask, expert: Expert, company: Company) -> list[JsonValue]:
    return [*company.index.shared_words(expert.expert_id, ask.words, limit=_SHOWN)]


# Skills are few and asked about again and again.
@lru_cache(maxsize=10_000)
def _skill_words(skill: str, lang: str) -> tuple[QueryWord, ...]:
    return tuple(read_query(skill, lang))
