"""Names the spans of a post that spoke for or against an ask."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Reason
from nlp.analysis import Analysis
from nlp.features import dense_names
from nlp.patterns import GROUPS, Hit
from nlp.topics import TopicHit, TopicIndex

# What a reader is told; groups not named here say nothing a person would call a reason.
_KINDS = {
    "ask": "ask", "crowd": "asked", "need": "need", "compare": "comparison", "hire": "hiring",
    "provider": "supplier", "role": "role", "business": "business", "seek_work": "job_seeking",
    "offer": "offer", "howto": "know_how", "complain": "complaint", "given": "advice_given",
    "leisure": "leisure",
}  # fmt: skip
_LEAST = 0.05
_MOST_FOR, _MOST_AGAINST, _MOST_TOPICS = 4, 2, 2


def group_contributions(contributions: NDArray[np.float32]) -> list[float]:
    """Return the log-odds that each pattern group gave an ask; all its counts together."""
    sums = dict.fromkeys(GROUPS, 0.0)
    for name, value in zip(dense_names(), contributions.tolist(), strict=True):
        group = name.partition(".")[0]
        if group in sums:
            sums[group] += value
    return list(sums.values())


def find_reasons(
    analysis: Analysis,
    contributions: NDArray[np.float32],
    topic_hits: Sequence[TopicHit],
    topics: TopicIndex,
) -> tuple[Reason, ...]:
    """Return the spans that weighed most, for before against, then what named the topics."""
    groups = group_contributions(contributions)
    seen: set[str] = set()
    spans: list[tuple[float, Hit]] = []
    for hit in _asking_first(analysis):
        name = GROUPS[hit.group]
        weight = groups[hit.group]
        if name in _KINDS and name not in seen and abs(weight) >= _LEAST:
            seen.add(name)
            spans.append((weight, hit))
    spans.sort(key=lambda each: -each[0])
    positive = [each for each in spans if each[0] > 0][:_MOST_FOR]
    negative = [each for each in reversed(spans) if each[0] < 0][:_MOST_AGAINST]
    reasons = [
        _make(analysis, _KINDS[GROUPS[hit.group]], hit.first, hit.last, weight)
        for weight, hit in [*positive, *negative]
    ]
    if not positive and analysis.ask_sentences:
        sentence = analysis.ask_sentences[0]
        reasons.insert(0, _make(analysis, "ask", sentence.first, sentence.last, _LEAST))
    reasons += [
        _make(
            analysis, f"topic:{topics.topics[hit.topic].topic_id}", hit.first, hit.last, hit.weight
        )
        for hit in sorted(topic_hits, key=lambda each: (-each.weight, each.first))[:_MOST_TOPICS]
    ]
    return tuple(reasons)


def _asking_first(analysis: Analysis) -> Iterable[Hit]:
    for sentence in analysis.ask_sentences:
        # The longest pattern says most.
        hits = analysis.hits_by_sentence.get(sentence.first, ())
        yield from sorted(hits, key=lambda hit: (hit.first - hit.last, hit.first))
    yield from analysis.hits


def _make(analysis: Analysis, kind: str, first: int, last: int, weight: float) -> Reason:
    start, end = analysis.words.span(first, last)
    text = analysis.normal.text[start:end]
    start, end = analysis.normal.span(start, end)
    return Reason(kind=kind, text=text, start=start, end=end, weight=round(weight, 4))
