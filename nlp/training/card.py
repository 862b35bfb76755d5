"""Writes the model's card: what it was trained on, its figures, its limits."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlp.language import LANGUAGES
from nlp.model import ASKS, INTENTS, Manifest
from nlp.training.gate_training import TrainedGate
from nlp.training.metrics import (
    LabelFigures,
    brier_score,
    expected_calibration_error,
    measure_labels,
)
from nlp.training.mixing import Seen, mixed_probabilities
from nlp.training.validation import Validation

CARD = "card.md"
_LIMITS = """## Limits

- The figures are cross-validated on our own corpus. Posts of other places and authors are harder;
  near-duplicates never stand on both sides of a fold.
- Danish and English have most posts in the corpus, Swedish, Norwegian and German fewer; other
  languages are let go or misread.
- A post that asks between the lines, in irony or in a picture is not found.
- Thresholds are chosen for posts like the corpus's: measure alarms on your own sources.
"""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a card tells of."""

    manifest: Manifest
    validation: Validation
    gate: TrainedGate
    features: int
    seen: Seen | None = None  # held-out posts that the encoder read; None: a model without one


def write_card(folder: Path, card: Card) -> str:
    """Write card.md and return its text."""
    text = "\n".join([*_describe(card), *_figures(card), _LIMITS])
    (folder / CARD).write_text(text, encoding="utf-8")
    return text


def _describe(card: Card) -> list[str]:
    manifest, posts = card.manifest, card.validation.posts
    langs = Counter(post.lang for post in posts)
    intents = Counter(post.intent.value for post in posts)
    thresholds = manifest.thresholds
    gate = card.gate
    return [
        f"# {manifest.name}",
        "",
        "A linear model over hashed words and letters of the post and of its ask-like sentences,",
        "and over counts of request patterns. Made by `askwatch train`; do not edit.",
        "",
        f"- corpus: {manifest.posts} posts (hash {manifest.corpus_hash}); {_list(langs)}",
        f"- labels: {_list(intents)}",
        f"- seed {manifest.seed}, {card.features} hashed features",
        f"- thresholds: vendor {thresholds.vendor}, candidate {thresholds.candidate}",
        f"- thresholds: review {thresholds.review}, alert {thresholds.alert}",
        f"- thresholds: b2b {thresholds.b2b}, topic {thresholds.topic}",
        f"- gate: keeps {gate.recall:.3f} of the asks, passes {gate.passed:.3f} of the others",
        *_describe_mixes(card),
        "",
    ]


def _describe_mixes(card: Card) -> list[str]:
    """Return what is told of the encoder; nothing for a model without one."""
    manifest, seen = card.manifest, card.seen
    if seen is None:
        return []
    probabilities = mixed_probabilities(seen, manifest.mixes)
    truth = seen.is_ask.astype(np.float64)
    shares = ", ".join(
        f"{lang} {mix.encoder_share:.1f}" for lang, mix in sorted(manifest.mixes.items())
    )
    return [
        f"- encoder: {manifest.encoder}, fine-tuned from intfloat/multilingual-e5-small (MIT",
        (
            "  licence, see NOTICE); it reads posts whose P(ask) by the linear model is at least "
            f"{manifest.thresholds.band}"
        ),
        f"- share of the encoder in the mix: {shares}",
        (
            f"- on {len(seen.posts)} posts that neither part was trained on: calibration error of "
            f"P(ask) {expected_calibration_error(probabilities, truth):.3f}, Brier score "
            f"{brier_score(probabilities, truth):.3f}"
        ),
    ]


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _figures(card: Card) -> list[str]:
    validation, manifest = card.validation, card.manifest
    decisions = validation.decisions(manifest.ask, manifest.thresholds)
    probabilities = validation.probabilities(manifest.ask)
    truth = validation.is_ask.astype(np.float64)
    lines = ["## Figures, cross-validated", ""]
    for title, keep in (("all posts", None), ("without hard ones", False)):
        lines += [f"### {title}", "", "| lang | label | posts | precision | recall | F1 |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        # Of other languages there are too few posts for figures.
        for lang in sorted({post.lang for post in validation.posts} & set(LANGUAGES)):
            rows = [
                place
                for place, post in enumerate(validation.posts)
                if post.lang == lang and (keep is None or post.hard is keep)
            ]
            figures = measure_labels(
                [validation.posts[place].intent for place in rows],
                [decisions[place] for place in rows],
            )
            lines += [_row(lang, each) for each in figures]
        lines.append("")
    error = expected_calibration_error(probabilities, truth)
    return [
        *lines,
        f"- expected calibration error of P(ask): {error:.3f}",
        f"- Brier score of P(ask): {brier_score(probabilities, truth):.3f}",
        f"- B2B of asks right: {_b2b_accuracy(card):.3f}",
        f"- topic of asks right, by the model without phrases: {_topic_accuracy(card):.3f}",
        "",
    ]


def _row(lang: str, each: LabelFigures) -> str:
    return (
        f"| {lang} | {each.label} | {each.support} | {each.precision:.3f} | {each.recall:.3f} "
        f"| {each.f1:.3f} |"
    )


def _b2b_accuracy(card: Card) -> float:
    scores = card.validation.scores[:, len(INTENTS)]
    calibration = card.manifest.b2b
    right = [
        (calibration.slope * scores[place] + calibration.intercept > 0) == post.b2b
        for place, post in enumerate(card.validation.posts)
        if post.is_ask
    ]
    return float(np.mean(right)) if right else 0.0


def _topic_accuracy(card: Card) -> float:
    topics = card.validation.scores[:, len(INTENTS) + 1 :].argmax(axis=1)
    right = [
        card.manifest.topics[topics[place]] == post.topic
        for place, post in enumerate(card.validation.posts)
        if post.intent in ASKS and post.topic
    ]
    return float(np.mean(right)) if right else 0.0
