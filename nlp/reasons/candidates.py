"""Proposes the spans of a post that may have spoken for or against an ask."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from askwatch.model.lead import Intent
from nlp.analysis import Analysis
from nlp.patterns import GROUPS, Hit
from nlp.words import URL, Sentence

_FOR = ("ask", "need", "compare", "hire", "crowd", "provider", "role", "business")
_AGAINST = {
    "offer": "offer", "given": "advice_given", "howto": "know_how", "complain": "complaint",
    "seek_work": "job_seeking", "leisure": "leisure",
}  # fmt: skip
_STRONG = frozenset({"ask", "need", "compare", "hire"})
_SMALL = {"provider": "supplier", "role": "role", "business": "business", "crowd": "asked"}
# Which group names a span that holds several; a candidate search is about hiring first.
_VENDOR_ORDER = ("ask", "compare", "need", "hire", "crowd", "provider", "role", "business")
_CANDIDATE_ORDER = ("hire", "ask", "need", "compare", "role", "crowd", "business", "provider")
_TOLD_BY_NEED = frozenset({"ask", "compare", "hire", "provider", "role"})
_KINDS = {"need": "need", "compare": "comparison", "hire": "hiring", **_SMALL}
# What a person understands best: a clause, then what is found in it, a word, a whole sentence.
_CLAUSE, _RUN, _WORD, _SENTENCE = range(4)
# Hits so close to each other are read as one: "nogen der | kender en | god | revisor".
_GAP_WORDS = 2
_LONGEST_CLAUSE = 14
_CLAUSE_ENDS = frozenset(",;:.!?()\n")
_MOST_SENTENCES, _FIRST_SENTENCES = 5, 2


@dataclass(frozen=True, slots=True)
class Span:
    """Words [first, last) that may have spoken for an ask, or against one."""

    kind: str
    first: int
    last: int
    is_for: bool = True
    # Of spans over each other that weigh alike, the one with the lowest rank is told.
    rank: int = 0

    @property
    def words(self) -> int:
        return self.last - self.first

    def overlaps(self, other: "Span") -> bool:
        return self.first < other.last and other.first < self.last


def propose(analysis: Analysis, intent: Intent) -> list[Span]:
    """Return spans to try, the most promising first, each place once.

    `intent` is the likelier of the two asks; it decides what an asking span is called.
    """
    proposed = [
        *_propose_sentences(analysis, intent),
        *_propose_against(analysis),
        *_propose_clauses(analysis, intent),
        *_propose_small(analysis),
        *_propose_beginning(analysis, intent),
    ]
    unique: dict[tuple[int, int], Span] = {}
    for span in proposed:
        known = unique.get((span.first, span.last))
        if known is None or (known.is_for and span.is_for and span.rank < known.rank):
            unique[span.first, span.last] = span
    return list(unique.values())


def _propose_sentences(analysis: Analysis, intent: Intent) -> Iterator[Span]:
    for sentence in analysis.ask_sentences:
        kind = name_kind(_hits_of(analysis, sentence), intent)
        is_short = sentence.last - sentence.first <= _LONGEST_CLAUSE
        yield Span(kind, *sentence, rank=_RUN if is_short else _SENTENCE)


def _propose_clauses(analysis: Analysis, intent: Intent) -> Iterator[Span]:
    for sentence in _promising_sentences(analysis):
        hits = [hit for hit in _hits_of(analysis, sentence) if GROUPS[hit.group] in _FOR]
        for run in _join(hits):
            if not any(GROUPS[hit.group] in _STRONG for hit in run):
                continue
            first, last = run[0].first, max(hit.last for hit in run)
            kind = name_kind(run, intent)
            yield Span(kind, first, _to_clause_end(analysis, last, sentence), rank=_CLAUSE)
            yield Span(kind, first, last, rank=_RUN)


def _promising_sentences(analysis: Analysis) -> list[Sentence]:
    """Return the asking sentences, then others that hold a strong pattern, as they stand."""
    known = set(analysis.ask_sentences)
    others = (
        each
        for each in analysis.words.sentences
        if each not in known
        and any(GROUPS[hit.group] in _STRONG for hit in _hits_of(analysis, each))
    )
    return [*analysis.ask_sentences, *islice(others, _MOST_SENTENCES - len(analysis.ask_sentences))]


def _propose_small(analysis: Analysis) -> Iterator[Span]:
    """Yield the longest hit of each weaker kind, in an asking sentence if there is one."""
    done: set[str] = set()
    asking = [hit for each in analysis.ask_sentences for hit in _hits_of(analysis, each)]
    for hits in (asking, analysis.hits):
        for hit in sorted(hits, key=lambda each: (each.first - each.last, each.first)):
            kind = _SMALL.get(GROUPS[hit.group])
            if kind is not None and kind not in done:
                done.add(kind)
                yield Span(kind, hit.first, hit.last, rank=_WORD)


def _propose_beginning(analysis: Analysis, intent: Intent) -> Iterator[Span]:
    """Yield the first sentences: a notice names what is wanted, and asks nobody."""
    for sentence in analysis.words.sentences[:_FIRST_SENTENCES]:
        yield Span(name_kind((), intent), *sentence, rank=_SENTENCE)


def _propose_against(analysis: Analysis) -> Iterator[Span]:
    by_group: dict[str, list[Hit]] = {}
    for hit in analysis.hits:
        if GROUPS[hit.group] in _AGAINST:
            by_group.setdefault(GROUPS[hit.group], []).append(hit)
    for group, hits in by_group.items():
        runs = [(run[0].first, max(hit.last for hit in run)) for run in _join(hits)]
        first, last = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
        yield Span(_AGAINST[group], first, last, is_for=False)
    if URL in analysis.words.words:
        place = analysis.words.words.index(URL)
        yield Span("link", place, place + 1, is_for=False)


def name_kind(hits: Iterable[Hit], intent: Intent) -> str:
    """Return what a span with these hits is called in an ask of this intent."""
    groups = {GROUPS[hit.group] for hit in hits}
    if "business" in groups and "need" in groups and groups.isdisjoint(_TOLD_BY_NEED):
        return "business"  # "we are a small company": who asks, not what for
    is_vendor = intent is Intent.VENDOR_REQUEST
    order = _VENDOR_ORDER if is_vendor else _CANDIDATE_ORDER
    strongest = next((group for group in order if group in groups), "ask")
    return _KINDS.get(strongest, "vendor_ask" if is_vendor else "candidate_ask")


def _hits_of(analysis: Analysis, sentence: Sentence) -> Sequence[Hit]:
    return analysis.hits_by_sentence.get(sentence.first, ())


def _join(hits: Sequence[Hit]) -> Iterator[list[Hit]]:
    """Yield runs of hits with hardly a word between them; `hits` come by their first word."""
    run: list[Hit] = []
    last = 0
    for hit in hits:
        if run and hit.first > last + _GAP_WORDS:
            yield run
            run = []
        last = max(last, hit.last) if run else hit.last
        run.append(hit)
    if run:
        yield run


def _to_clause_end(analysis: Analysis, last: int, sentence: Sentence) -> int:
    """Return the end of the clause that goes on at `last`: what is asked for stands there."""
    words, text = analysis.words, analysis.normal.text
    end = min(sentence.last, last + _LONGEST_CLAUSE)
    while last < end:
        between = text[words.ends[last - 1] : words.starts[last]]
        if words.words[last] in _CLAUSE_ENDS or not _CLAUSE_ENDS.isdisjoint(between):
            break
        last += 1
    return last
