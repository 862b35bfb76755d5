"""Measures the language stage on labelled posts, or counts alarms on unlabelled ones."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent, Lane, Understanding
from nlp.model import ASKS
from nlp.training.metrics import (
    LabelFigures,
    brier_score,
    expected_calibration_error,
    measure_labels,
)
from nlp.understand import Understander

_BATCH = 250
_FAULTS_SHOWN = 5
_INTENTS = frozenset(Intent)


@dataclass(frozen=True, slots=True)
class EvaluatedPost:
    """A line of the file; the labels are None where it has none."""

    text: str
    lang: str
    intent: Intent | None
    b2b: bool | None
    topic: str | None
    is_hard: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """Figures of one language, of all its posts or of those without `hard`."""

    lang: str
    without_hard: bool
    posts: int
    labels: tuple[LabelFigures, ...]


@dataclass(frozen=True, slots=True)
class AskFigures:
    """How the asks of the file fare; each share in [0, 1]."""

    business_asks: int
    alerted: float
    found: float  # in lane alert or review
    topic_first: float
    topic_in_three: float
    calibration_error: float
    brier: float


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What came of a file; `asks` is None when it has no labels."""

    posts: int
    labelled: int
    model: str
    slices: tuple[Slice, ...]
    alerts: int
    reviews: int
    asks: AskFigures | None
    right_languages: float

    def to_text(self) -> str:
        """Return the figures as a table for a terminal."""
        lines = [f"{self.posts} posts, {self.labelled} labelled, model {self.model}"]
        lines.append(
            f"alerts {self.alerts} ({1000 * self.alerts / max(1, self.posts):.1f} per 1000), "
            f"review {self.reviews} ({1000 * self.reviews / max(1, self.posts):.1f} per 1000)"
        )
        for each in self.slices:
            title = "without hard" if each.without_hard else "all"
            lines.append(f"\n{each.lang}, {title}: {each.posts} posts")
            lines.append(f"  {'label':<18}{'posts':>6}{'found':>7}{'prec':>7}{'rec':>7}{'F1':>7}")
            lines += [
                f"  {row.label:<18}{row.support:>6}{row.found:>7}{row.precision:>7.3f}"
                f"{row.recall:>7.3f}{row.f1:>7.3f}"
                for row in each.labels
            ]
        if self.asks is not None:
            asks = self.asks
            lines.append(
                f"\n{asks.business_asks} business asks: {asks.alerted:.3f} alerted, "
                f"{asks.found:.3f} alerted or in review\n"
                f"topic right at once {asks.topic_first:.3f}, among three {asks.topic_in_three:.3f}"
                f"\nprobability: calibration error {asks.calibration_error:.3f}, "
                f"Brier {asks.brier:.3f}\nlanguage right {self.right_languages:.3f}"
            )
        return "\n".join(lines)

    def find(self, lang: str, label: str, *, without_hard: bool = False) -> LabelFigures:
        """Return the figures of one label.

        Raises:
            KeyError: The file has no such posts.
        """
        for each in self.slices:
            if each.lang == lang and each.without_hard == without_hard:
                for row in each.labels:
                    if row.label == label:
                        return row
        raise KeyError((lang, label))


def evaluate(
    path: Path,
    understander: Understander,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> EvaluationReport:
    """Understand every post of a *.jsonl (or *.jsonl.gz) file and compare with its labels.

    A line has "text" and, where it is labelled, "lang", "intent", "b2b", "topic" and "hard" as in
    the corpus. `on_progress` is called with posts done and posts in all.

    Raises:
        ConfigurationError: The file cannot be read; the message names the lines.
    """
    posts = _read_file(path)
    understood: list[Understanding] = []
    for start in range(0, len(posts), _BATCH):
        texts = [post.text for post in posts[start : start + _BATCH]]
        understood += understander.understand(texts, is_complete=True)
        if on_progress is not None:
            on_progress(len(understood), len(posts))
    pairs = list(zip(posts, understood, strict=True))
    labelled = [(post, each) for post, each in pairs if post.intent is not None]
    return EvaluationReport(
        posts=len(posts),
        labelled=len(labelled),
        model=understander.model_name,
        slices=tuple(_make_slices(labelled)),
        alerts=sum(each.lane is Lane.ALERT for each in understood),
        reviews=sum(each.lane is Lane.REVIEW for each in understood),
        asks=_measure_asks(labelled) if labelled else None,
        right_languages=_mean([post.lang == each.lang for post, each in labelled]),
    )


_Pairs = Sequence[tuple[EvaluatedPost, Understanding]]


def _make_slices(pairs: _Pairs) -> list[Slice]:
    slices = []
    for lang in sorted({post.lang for post, _ in pairs}):
        for without_hard in (False, True):
            chosen = [
                (post, each)
                for post, each in pairs
                if post.lang == lang and not (without_hard and post.is_hard)
            ]
            labels = measure_labels(
                [str(post.intent) for post, _ in chosen], [each.intent.value for _, each in chosen]
            )
            slices.append(Slice(lang, without_hard, len(chosen), tuple(labels)))
    return slices


def _measure_asks(pairs: _Pairs) -> AskFigures:
    asks = [(post, each) for post, each in pairs if post.intent in ASKS]
    business = [each for post, each in asks if post.b2b]
    topics = [
        (post.topic, [score.topic_id for score in each.topics]) for post, each in asks if post.topic
    ]
    probabilities = np.array([each.probability for _, each in pairs])
    truth = np.array([float(post.intent in ASKS) for post, _ in pairs])
    return AskFigures(
        business_asks=len(business),
        alerted=_mean([each.lane is Lane.ALERT for each in business]),
        found=_mean([each.lane is not Lane.NONE for each in business]),
        topic_first=_mean([topic in found[:1] for topic, found in topics]),
        topic_in_three=_mean([topic in found[:3] for topic, found in topics]),
        calibration_error=expected_calibration_error(probabilities, truth),
        brier=brier_score(probabilities, truth),
    )


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _read_file(path: Path) -> list[EvaluatedPost]:
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror or error}") from error
    posts, faults = [], []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            posts.append(_read_post(line))
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        more = f" ... and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        raise ConfigurationError("; ".join(faults[:_FAULTS_SHOWN]) + more)
    return posts


def _read_post(line: bytes) -> EvaluatedPost:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    if type(entry) is not dict or type(entry.get("text")) is not str:
        raise ValueError('not an object with a string "text"')
    intent = entry.get("intent")
    if intent is not None and intent not in _INTENTS:
        raise ValueError(f"intent: {intent!r} is none of {', '.join(sorted(_INTENTS))}")
    return EvaluatedPost(
        text=entry["text"],
        lang=str(entry.get("lang") or "und"),
        intent=None if intent is None else Intent(intent),
        b2b=entry.get("b2b"),
        topic=entry.get("topic"),
        is_hard=bool(entry.get("hard")),
    )
