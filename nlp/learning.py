"""Learns from taps: a challenger is made, compared with the champion, and told from it by figures.

What is compared is held out: each example is judged by a layer that was fitted without it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from pydantic import JsonValue

from askwatch.model.adaptation import Adaptation, Layer
from askwatch.model.feedback import FeedbackKind
from askwatch.model.lead import Lane, Understanding
from askwatch.state.feedback import Tap
from nlp.adaptation import adapt, to_log_odds
from nlp.layer import choose_fit, fit_layer
from nlp.lessons import Example, gather
from nlp.lifting import MAY_LOSE, Tally, choose_place, keep_away
from nlp.model import Thresholds
from nlp.topics import TopicIndex

# Fewer verdicts than these teach nothing (settings: learn_from).
LEAST_VERDICTS = 20
# A wrong topic weighs as much as its opposite once so many have said so.
_TOPIC_PRIOR, _TOPIC_LEAST, _MOST_TOPIC_OFFSET = 3.0, 3, 2.0
# Of a sanity set, so many asks that nobody tapped about may be lost.
_MAY_SPILL = 0.02


_NEUTRAL = Adaptation()


@dataclass(frozen=True, slots=True)
class Sane:
    """A post of the sanity set: what the model says of it, and whether it asks."""

    understanding: Understanding
    is_ask: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """What is learned for: the model, its thresholds, the company's topics, the champion."""

    model: str
    thresholds_of: Callable[[str], Thresholds]  # by language
    topics: TopicIndex
    champion: Adaptation = _NEUTRAL


@dataclass(frozen=True, slots=True)
class Lesson:
    """A challenger with its figures; `reasons` say why it is not better, and are empty if it is."""

    adaptation: Adaptation
    figures: dict[str, JsonValue]
    reasons: tuple[str, ...]

    @property
    def is_better(self) -> bool:
        return not self.reasons


def learn(taps: Sequence[Tap], setting: Setting, *, sanity: Sequence[Sane] = ()) -> Lesson:
    """Return the best adaptation that these taps give, and whether it beats the champion."""
    examples = gather(taps, setting.topics.topics)
    offsets = _learn_offsets(taps)
    columns, penalty = choose_fit(examples, setting.model)
    held = {
        fold: fit_layer([each for each in examples if each.fold != fold], columns, penalty)
        for fold in sorted({each.fold for each in examples})
    }

    def judge(lift: float, shift: float) -> Tally:
        def choose(each: Example) -> Adaptation:
            layer = _lift(held[each.fold], lift)
            return _make(layer, shift, offsets, setting)

        return _compare(examples, setting, choose)

    whole = fit_layer(examples, columns, penalty)

    def try_whole(lift: float, shift: float) -> Tally:
        adaptation = _make(_lift(whole, lift), shift, offsets, setting)
        return _compare(examples, setting, lambda _: adaptation)

    champion = _compare(examples, setting, lambda _: setting.champion)
    place = choose_place(judge, champion)
    lift, shift, challenger = keep_away(place, judge, try_whole, champion)
    adaptation = _make(_lift(whole, lift) if examples else whole, shift, offsets, setting)
    spill = _measure_spill(adaptation, setting, examples, sanity)
    reasons = _find_reasons(examples, champion, challenger, spill, has_sanity=bool(sanity))
    figures = _tell(examples, champion, challenger, spill)
    figures |= {
        "vector": columns.vector_size,
        "penalty": penalty,
        "lift": lift,
        "alert_shift": shift,
        "taps": len(taps),
    }
    return Lesson(adaptation, {**figures, "reasons": list(reasons)}, reasons)


def _lift(layer: Layer, lift: float) -> Layer:
    return layer.model_copy(update={"bias": round(layer.bias + lift, 5)})


def _make(layer: Layer, shift: float, offsets: Mapping[str, float], setting: Setting) -> Adaptation:
    return Adaptation(
        alert_shift=shift, topic_offsets=dict(offsets), layer=layer, model=setting.model
    )


def _compare(
    examples: Sequence[Example], setting: Setting, choose: Callable[[Example], Adaptation]
) -> Tally:
    """Return what becomes of each example under the adaptation that `choose` gives for it."""
    counts: Counter[str] = Counter()
    losses: list[float] = []
    for each in examples:
        before = _apply(each.understanding, setting.champion, setting)
        after = _apply(each.understanding, choose(each), setting)
        alerts, was_alert = after.lane is Lane.ALERT, before.lane is Lane.ALERT
        if each.is_wanted:
            counts["wanted_alerts"] += alerts
            counts["wanted_leads"] += after.lane is not Lane.NONE
            counts["lost"] += was_alert and not alerts
        else:
            counts["unwanted_alerts"] += alerts
        odds = to_log_odds(after.probability)
        losses.append(float(np.logaddexp(0.0, odds)) - each.is_wanted * odds)
    loss = float(np.mean(losses)) if losses else 0.0
    return Tally(loss=round(loss, 4), **counts)


def _apply(understanding: Understanding, adaptation: Adaptation, setting: Setting) -> Understanding:
    return adapt(
        understanding,
        adaptation,
        version=0,
        thresholds=setting.thresholds_of(understanding.lang),
        topics=setting.topics,
    )


def _learn_offsets(taps: Sequence[Tap]) -> dict[str, float]:
    """Return by how much the log-odds of topics move that were said to be wrong, or right."""
    wrong: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for tap in taps:
        best = tap.features.topics[0].topic_id if tap.features.topics else None
        if tap.kind is FeedbackKind.WRONG_TOPIC:
            if best is not None and best != tap.topic_id:
                wrong[best] += 1
            if tap.topic_id:
                right[tap.topic_id] += 1
        elif tap.kind is FeedbackKind.WANTED and best is not None:
            right[best] += 1
    offsets = {}
    for topic in sorted({*wrong, *right}):
        if wrong[topic] >= _TOPIC_LEAST:
            odds = log((right[topic] + _TOPIC_PRIOR) / (right[topic] + wrong[topic] + _TOPIC_PRIOR))
            offsets[topic] = round(max(-_MOST_TOPIC_OFFSET, odds), 4)
    return offsets


def _measure_spill(
    adaptation: Adaptation,
    setting: Setting,
    examples: Sequence[Example],
    sanity: Sequence[Sane],
) -> dict[str, int]:
    """Count what the adaptation does to posts that have nothing to do with what was tapped."""
    tapped = {_best_topic(each.understanding) for each in examples if not each.is_wanted}
    counts = {"new_false_alarms": 0, "asks": 0, "asks_lost": 0}
    for each in sanity:
        before = _apply(each.understanding, setting.champion, setting)
        after = _apply(each.understanding, adaptation, setting)
        if not each.is_ask:
            is_new = after.lane is Lane.ALERT and before.lane is not Lane.ALERT
            counts["new_false_alarms"] += is_new
        elif before.lane is not Lane.NONE and _best_topic(each.understanding) not in tapped:
            counts["asks"] += 1
            counts["asks_lost"] += after.lane is Lane.NONE
    return counts


def _best_topic(understanding: Understanding) -> str:
    return understanding.topics[0].topic_id if understanding.topics else ""


def _find_reasons(
    examples: Sequence[Example],
    champion: Tally,
    challenger: Tally,
    spill: Mapping[str, int],
    *,
    has_sanity: bool,
) -> tuple[str, ...]:
    """Return why the challenger must not take the champion's place."""
    reasons = []
    if len(examples) < LEAST_VERDICTS:
        reasons.append(f"only {len(examples)} posts have a verdict, {LEAST_VERDICTS} are needed")
    if challenger.lost > MAY_LOSE * champion.wanted_alerts:
        reasons.append(f"it would lose {challenger.lost} of {champion.wanted_alerts} wanted alerts")
    gained = challenger.wanted_alerts - champion.wanted_alerts
    spared = champion.unwanted_alerts - challenger.unwanted_alerts
    if spared < 0 or (spared == 0 and gained <= 0):
        reasons.append("it spares no unwanted alert and gains no wanted one")
    if challenger.loss > champion.loss:
        reasons.append(
            f"its probabilities are worse on held-out taps ({challenger.loss} against "
            f"{champion.loss})"
        )
    if has_sanity and spill["new_false_alarms"]:
        reasons.append(f"{spill['new_false_alarms']} posts of the sanity set would alert falsely")
    if has_sanity and spill["asks_lost"] > _MAY_SPILL * spill["asks"]:
        reasons.append(
            f"it would lose {spill['asks_lost']} of {spill['asks']} asks of the sanity set that "
            "nobody tapped about"
        )
    return tuple(reasons)


def _tell(
    examples: Sequence[Example],
    champion: Tally,
    challenger: Tally,
    spill: Mapping[str, int],
) -> dict[str, JsonValue]:
    return {
        "verdicts": len(examples),
        "unwanted": sum(not each.is_wanted for each in examples),
        "unwanted_alerts": [champion.unwanted_alerts, challenger.unwanted_alerts],
        "wanted_alerts": [champion.wanted_alerts, challenger.wanted_alerts],
        "wanted_leads": [champion.wanted_leads, challenger.wanted_leads],
        "wanted_lost": challenger.lost,
        "log_loss": [champion.loss, challenger.loss],
        "sanity": dict(spill),
    }
