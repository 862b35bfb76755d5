"""Looks at a post once: words, sentences, pattern hits, and the sentences that may ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.normalise import NormalText
from nlp.patterns import GROUPS, Hit, PatternSet
from nlp.words import Sentence, Words, split_words

ASK_SENTENCES = 3
# How much a hit makes a sentence look like an ask; only for choosing sentences to read closely,
# the model weighs the rest. Judged by hand.
_WEIGHTS = {
    "ask": 2.0, "need": 1.5, "compare": 1.0, "hire": 1.2, "crowd": 0.8, "provider": 0.5,
    "role": 0.3, "seek_work": 0.5, "howto": -0.3, "offer": -0.8, "given": -0.4, "complain": -0.3,
}  # fmt: skip
_BY_GROUP = tuple(_WEIGHTS.get(name, 0.0) for name in GROUPS)
_QUESTION_WEIGHT = 1.0
# In words; the ask of a longer text stands at its beginning or end. Nobody writes a post of more:
# all steps read less of such a text than of others, so that it takes no longer.
LONGEST_ANALYSED = 1_500
_HEAD = 1_100


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the steps behind the gate share."""

    normal: NormalText
    words: Words
    hits: list[Hit]
    ask_sentences: list[Sentence]  # most ask-like first
    hits_by_sentence: dict[int, list[Hit]]  # by the sentence's first word

    @property
    def is_huge(self) -> bool:
        """Whether the text is longer than any post that is written to be read."""
        return len(self.words.words) > LONGEST_ANALYSED

    @property
    def asking(self) -> str:
        """The sentence that looks most like an ask; "" where none does."""
        if not self.ask_sentences:
            return ""
        start, end = self.words.span(self.ask_sentences[0].first, self.ask_sentences[0].last)
        return self.normal.text[start:end]


def analyse(normal: NormalText, patterns: PatternSet) -> Analysis:
    """Return the analysis of a normalised text."""
    words = split_words(normal.lower)
    sentences = _choose_sentences(words.sentences, len(words.words))
    hits = patterns.find(words.words, sentences)
    by_sentence = _sort_into(sentences, hits)
    asks = _rank_sentences(sentences, by_sentence, words.words)
    return Analysis(normal, words, hits, asks, by_sentence)


def _choose_sentences(sentences: Sequence[Sentence], total: int) -> Sequence[Sentence]:
    """Return the sentences that are read: all but the middle of a very long text."""
    if total <= LONGEST_ANALYSED:
        return sentences
    tail = total - (LONGEST_ANALYSED - _HEAD)
    return [each for each in sentences if each.last <= _HEAD or each.first >= tail]


def _sort_into(sentences: Sequence[Sentence], hits: Sequence[Hit]) -> dict[int, list[Hit]]:
    by_sentence: dict[int, list[Hit]] = {}
    place = 0
    for hit in hits:
        while sentences[place].last <= hit.first:
            place += 1
        by_sentence.setdefault(sentences[place].first, []).append(hit)
    return by_sentence


def _rank_sentences(
    sentences: Sequence[Sentence], by_sentence: dict[int, list[Hit]], words: Sequence[str]
) -> list[Sentence]:
    scored = []
    has_question = "?" in words
    for sentence in sentences:
        first, last = sentence
        score = 0.0
        if first in by_sentence:
            groups = {hit.group for hit in by_sentence[first]}
            score = sum([_BY_GROUP[group] for group in groups])
        if has_question and "?" in words[first:last]:
            score += _QUESTION_WEIGHT
        if score > 0:
            scored.append((-score, first, sentence))
    scored.sort()
    return [sentence for _, _, sentence in scored[:ASK_SENTENCES]]
