"""Finds the reasons of a lead by occlusion: a span weighs what hiding it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from askwatch.model.lead import Reason
from nlp.analysis import Analysis
from nlp.encoder import Opinion
from nlp.intent import likelier_ask
from nlp.judge import Judge, Judgement
from nlp.reasons.candidates import Span, propose
from nlp.reasons.hiding import hide_in
from nlp.screening import Screener
from nlp.topics import TopicHit, TopicIndex

# What shifts the log-odds by less is no reason that a person would accept.
_LEAST = 0.05
_MOST_FOR, _MOST_AGAINST, _MOST_TOPICS = 4, 2, 2
# Of spans over each other, one that does nearly as much as the weightiest may say it better.
_SHARE_OF_BEST = 0.6
# The encoder takes 5 to 20 ms a reading and a post has 50 ms: of a longer post, whose readings
# take longest, the second span is read only where the first one turned out to be no reason.
_READINGS = 2
# The fast part reads the whole post for every span that is tried, about 3 microseconds a word.
_MOST_TRIED, _FEWEST_TRIED, _WORDS_TRIED = 9, 1, 2_000
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class _Weighed:
    span: Span
    weight: float  # log-odds that the ask loses without the span


class ReasonFinder:
    """Hides spans and asks again; what it finds depends on the post and the model alone."""

    def __init__(self, screener: Screener, judge: Judge) -> None:
        self._screener, self._judge = screener, judge

    def find(
        self,
        analysis: Analysis,
        judgement: Judgement,
        lang: str,
        topic_hits: Sequence[TopicHit],
        topics: TopicIndex,
    ) -> tuple[Reason, ...]:
        """Return the spans that spoke for, then against, then what names the topics.

        The first one lowers the probability when it is hidden; of a huge text only the fast part
        has said so. Where no span does, it is the asking sentence, of kind "whole" and without
        weight.
        """
        trial = _Trial.start(self._screener, self._judge, analysis, judgement, lang)
        spans = propose(analysis, likelier_ask(judgement.probabilities))
        tried = max(_FEWEST_TRIED, _WORDS_TRIED // (len(analysis.words.words) + 1))
        weighed = [trial.estimate(span) for span in spans[: min(tried, _MOST_TRIED)]]
        positive = trial.confirm(_choose([each for each in weighed if each.span.is_for]), weighed)
        negative = [each for each in weighed if not each.span.is_for and each.weight <= -_LEAST]
        negative.sort(key=lambda each: (each.weight, each.span.first))
        reasons = [_make(analysis, each) for each in [*positive, *negative[:_MOST_AGAINST]]]
        if not positive:
            reasons[:0] = _admit(analysis)
        return (*reasons, *_name_topics(analysis, topic_hits, topics))


@dataclass(frozen=True, slots=True)
class _Trial:
    """One post before its judges, again and again with something hidden."""

    screener: Screener
    judge: Judge
    analysis: Analysis
    opinion: Opinion | None  # the encoder's on the whole post, where it was asked
    lang: str
    log_odds: float  # of an ask, with nothing hidden

    @classmethod
    def start(
        cls, screener: Screener, judge: Judge, analysis: Analysis, judgement: Judgement, lang: str
    ) -> "_Trial":
        # A second reader's part is left out: it is not asked again for every span.
        opinion, ask = judgement.opinion, judgement.screening.ask
        if opinion is not None:
            ask = judge.mix(judgement.screening, opinion, lang).ask
        return cls(screener, judge, analysis, opinion, lang, _log_odds(ask))

    def estimate(self, span: Span) -> _Weighed:
        """Weigh a span with the fast part, as if the encoder thought of the post as before."""
        screening = self.screener.screen(self._without(span))
        ask = screening.ask
        if self.opinion is not None:
            ask = self.judge.mix(screening, self.opinion, self.lang).ask
        return _Weighed(span, self.log_odds - _log_odds(ask))

    def read(self, span: Span) -> _Weighed:
        """Weigh a span with all that judges a post."""
        analysis = self._without(span)
        judgement = self.judge.judge(analysis, self.screener.screen(analysis), self.lang)
        return _Weighed(span, self.log_odds - _log_odds(judgement.ask))

    def confirm(self, chosen: Sequence[_Weighed], weighed: Sequence[_Weighed]) -> list[_Weighed]:
        """Return the chosen spans that speak for the ask, first the one that is surest to.

        Of a huge text nothing is read again: the fast part's word is taken. Else one that is
        confirmed is enough. A span whose reading shows that it does not speak for the ask is left
        out, and the widest one around it is read instead.
        """
        if self.opinion is None or self.analysis.is_huge:
            return list(chosen)
        read: list[_Weighed] = []
        rest = list(chosen)
        for _ in range(_READINGS):
            if not rest or read:
                break
            one = self.read(rest.pop(0).span)
            if one.weight >= _LEAST:
                read.append(one)
            elif not read:
                wider = [
                    each for each in weighed if each.span.is_for and each.span.overlaps(one.span)
                ]
                widest = max(wider, key=lambda each: (each.span.words, -each.span.first))
                if widest.span != one.span:
                    rest.insert(0, widest)
        # What nobody has confirmed is no reason to name first.
        return [*read, *rest] if read else []

    def _without(self, span: Span) -> Analysis:
        start, end = self.analysis.words.span(span.first, span.last)
        return self.screener.analyse(hide_in(self.analysis.normal, start, end))


def _choose(weighed: Sequence[_Weighed]) -> list[_Weighed]:
    """Return the weightiest spans, none over another, in the form that says it best."""
    left = [each for each in weighed if each.weight >= _LEAST]
    chosen: list[_Weighed] = []
    while left and len(chosen) < _MOST_FOR:
        best = max(left, key=lambda each: (each.weight, -each.span.words, -each.span.first))
        around = [
            each
            for each in left
            if each.span.overlaps(best.span) and each.weight >= _SHARE_OF_BEST * best.weight
        ]
        one = min(around, key=lambda each: (each.span.rank, -each.weight, each.span.first))
        chosen.append(one)
        left = [each for each in left if not each.span.overlaps(one.span)]
    return chosen


def _admit(analysis: Analysis) -> list[Reason]:
    """Return what to show where no span alone decides: the sentence that asks, or the first."""
    sentences = [*analysis.ask_sentences, *analysis.words.sentences][:1]
    return [_make(analysis, _Weighed(Span("whole", *each), 0.0)) for each in sentences]


def _name_topics(analysis: Analysis, hits: Sequence[TopicHit], topics: TopicIndex) -> list[Reason]:
    strongest = sorted(hits, key=lambda each: (-each.weight, each.first))[:_MOST_TOPICS]
    return [
        _make(
            analysis,
            _Weighed(
                Span(f"topic:{topics.topics[hit.topic].topic_id}", hit.first, hit.last), hit.weight
            ),
        )
        for hit in strongest
    ]


def _make(analysis: Analysis, weighed: _Weighed) -> Reason:
    span = weighed.span
    start, end = analysis.words.span(span.first, span.last)
    text = analysis.normal.text[start:end]
    start, end = analysis.normal.span(start, end)
    return Reason(kind=span.kind, text=text, start=start, end=end, weight=round(weighed.weight, 4))


def _log_odds(probability: float) -> float:
    probability = min(1 - _TINY, max(_TINY, probability))
    return log(probability / (1 - probability))
