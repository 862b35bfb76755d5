"""Plays a company whose needs differ from the model's: what do its first taps change?

Posts of our own corpus come in one after the other; every alarm gets a tap until the taps are
spent; what is left is measured without and with what was learned. Nobody taps about those posts.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from askwatch.model.feedback import Features, FeedbackKind
from askwatch.model.ids import derive_id
from askwatch.model.lead import Intent, Lane, Understanding
from askwatch.state.feedback import Tap
from nlp.configured import Configuration, ConfiguredUnderstander
from nlp.learning import Lesson, Setting, learn
from nlp.training.corpus import LabelledPost

_BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_VECTOR_SIZE = 128
_LEAST_WORD = 4


@dataclass(frozen=True, slots=True)
class Company:
    """What a company wants to hear of; everything else that alarms it is a nuisance."""

    name: str
    wants: Callable[[LabelledPost], bool]


def wants_payroll(post: LabelledPost) -> bool:
    """Tell what somebody who sells payroll and office software wants: never agencies, hosting."""
    topics = {
        "accounting_finance", "hr_recruiting", "project_collaboration", "crm_sales",
        "customer_support",
    }  # fmt: skip
    return post.intent is Intent.VENDOR_REQUEST and post.b2b and post.topic in topics


def wants_all_but_agencies(post: LabelledPost) -> bool:
    """Tell what a broad company wants that neither hosts nor is an agency."""
    never = {"cloud_hosting", "web_development", "marketing_seo", "design_branding"}
    return post.intent is Intent.VENDOR_REQUEST and post.b2b and post.topic not in never


COMPANIES = (
    Company("payroll software", wants_payroll),
    Company("everything but hosting and agencies", wants_all_but_agencies),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured on posts that nobody tapped about."""

    company: str
    taps: int
    unwanted_before: int
    unwanted_after: int
    wanted_before: int
    wanted_kept: int
    wanted_in_review: int  # of those not kept: moved to the review, not lost from sight
    lesson: Lesson = field(repr=False)

    @property
    def spared(self) -> float:
        """Return the share of unwanted alarms that no longer come."""
        return 1 - self.unwanted_after / self.unwanted_before if self.unwanted_before else 0.0

    @property
    def lost(self) -> float:
        """Return the share of wanted alarms that no longer come."""
        return 1 - self.wanted_kept / self.wanted_before if self.wanted_before else 0.0

    def __str__(self) -> str:
        return (
            f"{self.company}: after {self.taps} taps {self.unwanted_before} unwanted alarms are "
            f"{self.unwanted_after} ({self.spared:.0%} fewer), {self.wanted_kept} of "
            f"{self.wanted_before} wanted ones are left ({self.lost:.1%} lost, "
            f"{self.wanted_in_review} of them to the review)"
            + ("" if self.lesson.is_better else "; not published: it is not better")
        )


def understand_posts(
    posts: Sequence[LabelledPost], understander: ConfiguredUnderstander
) -> list[tuple[LabelledPost, Understanding]]:
    """Return each post with what the model says; where it has no encoder, with words hashed."""
    found = understander.understand([post.text for post in posts], Configuration())
    return [
        (post, each if each.vector else _with_vector(each, post.text))
        for post, each in zip(posts, found, strict=True)
    ]


def simulate(
    company: Company,
    understood: Sequence[tuple[LabelledPost, Understanding]],
    understander: ConfiguredUnderstander,
    *,
    taps: int = 100,
    seed: int = 1,
) -> Outcome:
    """Return what the first `taps` taps of `company` change for all other posts."""
    order = sorted(understood, key=lambda each: derive_id("simulation", seed, each[0].id))
    alarms = [each for each in order if each[1].lane is Lane.ALERT]
    tapped, rest = alarms[:taps], alarms[taps:]
    given = [_tap(post, each, company, number) for number, (post, each) in enumerate(tapped)]
    setting = Setting(understander.model_name, understander.thresholds_of, understander.builtin)
    lesson = learn(given, setting)
    configuration = Configuration(
        adaptation=lesson.adaptation if lesson.is_better else Configuration().adaptation, version=1
    )
    after = [understander.apply(each, configuration).lane for _, each in rest]
    wanted = [company.wants(post) for post, _ in rest]
    pairs = list(zip(wanted, after, strict=True))
    return Outcome(
        company=company.name,
        taps=len(given),
        unwanted_before=wanted.count(False),
        unwanted_after=pairs.count((False, Lane.ALERT)),
        wanted_before=wanted.count(True),
        wanted_kept=pairs.count((True, Lane.ALERT)),
        wanted_in_review=pairs.count((True, Lane.REVIEW)),
        lesson=lesson,
    )


def _tap(post: LabelledPost, each: Understanding, company: Company, number: int) -> Tap:
    is_wanted = company.wants(post)
    return Tap(
        kind=FeedbackKind.WANTED if is_wanted else FeedbackKind.NOT_A_LEAD,
        given_by="expert:simulated",
        given_at=_BEGIN + timedelta(minutes=number),
        post_hash=derive_id("post", "simulation", post.id),
        author_hash="",
        features=Features.of(each),
    )


def _with_vector(understanding: Understanding, text: str) -> Understanding:
    """Return the understanding with the sum of its words' random vectors, which knows no label."""
    total = np.zeros(_VECTOR_SIZE)
    for word in {word for word in text.lower().split() if len(word) >= _LEAST_WORD}:
        total += _word_vector(word[:6])
    length = float(np.linalg.norm(total)) or 1.0
    vector = tuple(round(float(value), 4) for value in total / length)
    return understanding.model_copy(update={"vector": vector})


def _word_vector(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(_VECTOR_SIZE)


def without_vectors(
    understood: Sequence[tuple[LabelledPost, Understanding]],
) -> list[tuple[LabelledPost, Understanding]]:
    """Return the same as a model without an encoder says it."""
    return [(post, each.model_copy(update={"vector": ()})) for post, each in understood]


def repeat(outcomes: Sequence[Outcome]) -> Outcome:
    """Return several outcomes of one company as one: counts are summed."""
    first, *others = outcomes
    total = first
    for each in others:
        total = replace(
            total,
            unwanted_before=total.unwanted_before + each.unwanted_before,
            unwanted_after=total.unwanted_after + each.unwanted_after,
            wanted_before=total.wanted_before + each.wanted_before,
            wanted_kept=total.wanted_kept + each.wanted_kept,
            wanted_in_review=total.wanted_in_review + each.wanted_in_review,
        )
    return total
