"""How well a post's text fits what each expert knows: BM25 over profiles, skills and topics."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from askwatch.model.ids import ExpertId
from askwatch.search.analysis import COLUMNS, columns_for, find_words, normal_language
from askwatch.search.stopwords import ANY_LANGUAGE

# Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009: usual values.
_K1, _B = 1.2, 0.75
# Enough of a long post to know what it is about.
_QUERY_WORDS = 400
_QUERY_CHARACTERS = 8_000
_SAMPLE_PAIRS = 400
# What half a fit is worth where no random pair shares a word.
_DEFAULT_K = 1.0


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of a post as it stands there, and its stems in the post's language."""

    text: str
    stems: frozenset[str]


def read_query(text: str, lang: str) -> list[QueryWord]:
    """Return the words of a post that say something; in an unknown language under every stem."""
    columns = [COLUMNS.index(name) for name in columns_for(normal_language(lang))]
    return [
        QueryWord(text[word.start : word.end], frozenset(word.tokens[each] for each in columns))
        for word in find_words(text[:_QUERY_CHARACTERS])
        if word.tokens[0] not in ANY_LANGUAGE
    ][:_QUERY_WORDS]


class ProfileIndex:
    """Texts about experts, ready to be compared with posts. Read-only once built.

    A profile may be in any language, so each of its words is there under the stem of every
    language we stem; a post looks with the stems of its own.
    """

    def __init__(
        self, profiles: Mapping[ExpertId, str], *, samples: Sequence[tuple[str, str]], seed: int = 1
    ) -> None:
        """`samples` are texts with their languages that stand for posts, to find what is usual."""
        counts = {expert_id: _count_stems(text) for expert_id, text in profiles.items()}
        lengths = {expert_id: sum(each.values()) for expert_id, each in counts.items()}
        average = (sum(lengths.values()) / len(lengths) if lengths else 0.0) or 1.0
        self._weights: dict[str, dict[ExpertId, float]] = defaultdict(dict)
        for expert_id, stems in counts.items():
            norm = _K1 * (1 - _B + _B * lengths[expert_id] / average)
            for stem, count in stems.items():
                self._weights[stem][expert_id] = count * (_K1 + 1) / (count + norm)
        for among in self._weights.values():
            idf = math.log(1 + (len(profiles) - len(among) + 0.5) / (len(among) + 0.5))
            for expert_id in among:
                among[expert_id] *= idf
        self.k = self._find_k(samples, sorted(profiles), random.Random(seed))

    def scores(self, words: Sequence[QueryWord]) -> dict[ExpertId, float]:
        """Return the BM25 score of every expert who shares a word with the post."""
        totals: dict[ExpertId, float] = defaultdict(float)
        for stem in {stem for word in words for stem in word.stems}:
            for expert_id, weight in self._weights.get(stem, {}).items():
                totals[expert_id] += weight
        return totals

    def fits(self, words: Sequence[QueryWord]) -> dict[ExpertId, float]:
        """Return T of ROUTING, in [0, 1): score / (score + k); experts not named have 0.

        It is never divided by the best expert's score: then somebody would always fit.
        """
        return {
            expert_id: score / (score + self.k) for expert_id, score in self.scores(words).items()
        }

    def shared_words(
        self, expert_id: ExpertId, words: Sequence[QueryWord], *, limit: int
    ) -> list[str]:
        """Return the words of a post that spoke most for this expert, as they stand there."""
        best: dict[str, tuple[float, str]] = {}
        for word in words:
            for stem in word.stems:
                weight = self._weights.get(stem, {}).get(expert_id, 0.0)
                if weight > 0:
                    best.setdefault(stem, (weight, word.text))
        ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1]))
        return list(dict.fromkeys(word for _, word in ranked))[:limit]

    def _find_k(
        self, samples: Sequence[tuple[str, str]], experts: Sequence[ExpertId], chance: random.Random
    ) -> float:
        """Return the median score of random pairs that share a word at all."""
        if not samples or not experts:
            return _DEFAULT_K
        drawn = Counter(
            (chance.randrange(len(samples)), chance.choice(experts)) for _ in range(_SAMPLE_PAIRS)
        )
        by_sample = {number: self.scores(read_query(*samples[number])) for number, _ in drawn}
        found = [
            by_sample[number][expert_id]
            for number, expert_id in drawn
            if expert_id in by_sample[number]
        ]
        return median(found) if found else _DEFAULT_K


def _count_stems(text: str) -> Counter[str]:
    stems: Counter[str] = Counter()
    for word in find_words(text):
        if word.tokens[0] not in ANY_LANGUAGE:
            stems.update(set(word.tokens))
    return stems
