"""Finds the head phrase of what a post asks for: a product or service, or a role."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from nlp.entities.dates import is_date_word
from nlp.entities.grammar import Grammar, read_table
from nlp.entities.passage import Passage

_MOST_SKIPPED, _MOST_WORDS = 5, 4
_MOST_MODIFIERS = 3
# Points of a phrase: behind words that ask, before words that ask, a known noun, in a sentence
# that asks, in the first sentence, the more words ask the surer. Judged by hand on half of the
# golden posts of tests/nlp/entities_golden.jsonl.
_ASKED, _WANTED, _KNOWN, _ASKING, _OPENING, _PER_WORD = 2.0, 1.0, 1.6, 1.0, 0.6, 0.3
_LEAST = 2.5
_LEAST_LENGTH = 2


@dataclass(slots=True)
class _Candidate:
    first: int
    last: int
    points: dict[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return sum(self.points.values())


class RoleWords:
    """Heads of roles, and the words before them that belong to a role."""

    def __init__(self) -> None:
        table = read_table("roles.toml")["roles"]
        whole = [word for word in table["words"] if not word.startswith("*")]
        self.words = frozenset(word for word in whole if " " not in word)
        self.phrases = frozenset(tuple(word.split()) for word in whole if " " in word)
        self.openings = frozenset(phrase[0] for phrase in self.phrases)
        self.endings = tuple(word[1:] for word in table["words"] if word.startswith("*"))
        self.modifiers = frozenset(table["modifiers"])

    def match(self, words: list[str], place: int) -> int:
        """Return the word behind a head of a role at `place`, or 0."""
        word = words[place]
        if word in self.openings:
            for phrase in self.phrases:
                if tuple(words[place : place + len(phrase)]) == phrase:
                    return place + len(phrase)
        return place + 1 if self.is_head(word) else 0

    def is_head(self, word: str) -> bool:
        return word in self.words or word.endswith(self.endings)


def find_product(
    passage: Passage, grammar: Grammar, taken: Collection[int]
) -> list[tuple[int, int]]:
    """Return words [first, last) of the product or service wanted; the words `taken` are none."""
    candidates: dict[int, _Candidate] = {}
    for place in range(len(passage.words)):
        for source, first, last, points in _suggest(passage, grammar, place):
            _note(candidates, first, last, source, points)
    best = _choose(passage, grammar, candidates.values(), taken)
    if best is None:
        return []
    found = [(best.first, best.last)]
    joined = _read_joined(passage, grammar, best.last)
    return [*found, joined] if joined else found


def find_role(passage: Passage, grammar: Grammar, roles: RoleWords) -> list[tuple[int, int]]:
    """Return words [first, last) of the role wanted."""
    best, best_score = (0, 0), 0.0
    words = passage.words
    for place in range(len(words)):
        last = roles.match(words, place)
        if not last:
            continue
        first = _extend_role(passage, roles, place)
        score = _KNOWN + 0.1 * (last - first)
        sentence = passage.sentence_of[place]
        score += _ASKING * (sentence in passage.asking) + _OPENING * (sentence == 0)
        score += _ASKED * _is_asked(passage, grammar, first)
        score += _WANTED * (grammar.wanted.match(words, last) is not None)
        score -= 0.02 * place
        if score > best_score:
            best, best_score = (first, last), score
    if best_score:
        return [best]
    return find_product(passage, grammar, ())


def _suggest(
    passage: Passage, grammar: Grammar, place: int
) -> Iterable[tuple[str, int, int, float]]:
    """Yield source, words [first, last) and points of what may be wanted at `place`."""
    words = passage.words
    asked = grammar.ask.match(words, place)
    if asked is not None and not passage.has_break(asked[0] - 1):
        phrase = read_phrase(passage, grammar, asked[0])
        if phrase is not None:
            yield "asked", *phrase, _ASKED + _PER_WORD * (asked[0] - place - 1)
    noun = _match_noun(passage, grammar, place)
    if noun is not None:
        yield "known", *noun, _KNOWN
        wanted = grammar.wanted.match(words, noun[1])
        if wanted is not None and not passage.has_break(noun[1] - 1):
            yield "wanted", *noun, _WANTED


def read_phrase(passage: Passage, grammar: Grammar, place: int) -> tuple[int, int] | None:
    """Return words [first, last) of the noun phrase that begins at `place`."""
    words, first = passage.words, place
    while (
        first < len(words)
        and first - place < _MOST_SKIPPED
        and _is_skipped(passage, grammar, first)
    ):
        if passage.has_break(first):
            return None
        first += 1
    if grammar.lang == "de" and not passage.is_lower:
        while (
            first < len(words) and first - place < _MOST_SKIPPED and not passage.is_capital(first)
        ):
            if words[first] in grammar.stop or passage.has_break(first):
                return None
            first += 1
    last = first
    while (
        last < len(words) and last - first < _MOST_WORDS and _goes_on(passage, grammar, first, last)
    ):
        last += 1
        if passage.has_break(last - 1):
            break
    return (first, last) if last > first else None


def _is_skipped(passage: Passage, grammar: Grammar, place: int) -> bool:
    word = passage.words[place]
    return word in grammar.skip or word.isdigit() or word in grammar.numbers


def _goes_on(passage: Passage, grammar: Grammar, first: int, place: int) -> bool:
    word = passage.words[place]
    if word in grammar.stop or not word[0].isalnum() or word.startswith("<"):
        return False
    if is_date_word(grammar.dates, word):
        return False
    if grammar.lang == "de" and place > first:
        return passage.is_capital(place) and not passage.is_lower
    if grammar.lang != "en" and place > first:
        return _is_second(passage, grammar, first, place)
    return True


def _is_second(passage: Passage, grammar: Grammar, first: int, place: int) -> bool:
    """Tell whether a Scandinavian noun goes on: those write most compounds in one word."""
    return not _is_noun(grammar, passage.words[first]) and place - first < _LEAST_LENGTH


def _match_noun(passage: Passage, grammar: Grammar, place: int) -> tuple[int, int] | None:
    words = passage.words
    found = grammar.nouns.match(words, place)
    if found is None and not _is_noun(grammar, words[place]):
        return None
    last = found[0] if found else place + 1
    first = place
    if grammar.lang == "en":
        while (
            first and place - first < _MOST_MODIFIERS and _is_modifier(passage, grammar, first - 1)
        ):
            first -= 1
        while (
            last < len(words) and not passage.has_break(last - 1) and _is_noun(grammar, words[last])
        ):
            last += 1
    elif grammar.lang == "de" and not passage.is_lower and not passage.is_capital(place):
        return None
    elif first and passage.gap(first - 1) == " " and passage.written(first - 1, first).isupper():
        first -= len(words[first - 1]) > 1 and words[first - 1] not in grammar.stop
    return first, last


def _is_modifier(passage: Passage, grammar: Grammar, place: int) -> bool:
    word = passage.words[place]
    return (
        not passage.has_break(place)
        and word not in grammar.stop
        and word not in grammar.skip
        and word not in grammar.ask
        and word[0].isalpha()
        and not is_date_word(grammar.dates, word)
    )


def _is_noun(grammar: Grammar, word: str) -> bool:
    if word in grammar.stop or word in grammar.skip:
        return False
    return grammar.nouns.match((word,), 0) is not None or (
        bool(grammar.noun_endings) and word.endswith(grammar.noun_endings)
    )


def _note(
    candidates: dict[int, _Candidate], first: int, last: int, source: str, points: float
) -> None:
    """Add points to the phrase that ends at `last`; each source counts once, at its best."""
    found = candidates.setdefault(last, _Candidate(first, last))
    if source == "asked":
        found.first = first
    found.points[source] = max(points, found.points.get(source, 0.0))


def _choose(
    passage: Passage,
    grammar: Grammar,
    candidates: Iterable[_Candidate],
    taken: Collection[int],
) -> _Candidate | None:
    best: _Candidate | None = None
    best_score = _LEAST
    for candidate in candidates:
        if any(place in taken for place in range(candidate.first, candidate.last)):
            continue
        name = " ".join(passage.words[candidate.first : candidate.last])
        if name in grammar.never or passage.words[candidate.last - 1] in grammar.never:
            continue
        if len(name) < _LEAST_LENGTH:
            continue
        sentence = passage.sentence_of[candidate.first]
        score = candidate.score - 0.01 * candidate.first
        score += _ASKING * (sentence in passage.asking) + _OPENING * (sentence == 0)
        if score > best_score:
            best, best_score = candidate, score
    return best


def _read_joined(passage: Passage, grammar: Grammar, last: int) -> tuple[int, int] | None:
    """Return a second thing wanted: "an accountant and a payroll service"."""
    words = passage.words
    if last + 1 >= len(words) or words[last] not in grammar.join or passage.gap(last - 1) != " ":
        return None
    phrase = read_phrase(passage, grammar, last + 1)
    if phrase is None or not _is_noun(grammar, words[phrase[1] - 1]):
        return None
    return phrase


def _is_asked(passage: Passage, grammar: Grammar, first: int) -> bool:
    place, skipped = first, 0
    while place and skipped < _MOST_SKIPPED:
        if grammar.ask.match_before(passage.words, place) is not None:
            return True
        if passage.words[place - 1] not in grammar.skip:
            return False
        place, skipped = place - 1, skipped + 1
    return False


def _extend_role(passage: Passage, roles: RoleWords, place: int) -> int:
    first = place
    while first and place - first < _MOST_MODIFIERS and passage.gap(first - 1) == " ":
        word = passage.words[first - 1]
        is_name = passage.is_capital(first - 1) and not passage.is_first(first - 1)
        if word in roles.modifiers or (
            is_name
            and not passage.is_lower
            and len(word) > 1
            and word.isascii()
            and _is_tool(passage, first - 1)
        ):
            first -= 1
        else:
            break
    return first


def _is_tool(passage: Passage, place: int) -> bool:
    """Tell whether a word before a role is a tool: "React developer", but not "Dear developer"."""
    return passage.words[place] not in {"the", "a", "an", "our", "ein", "eine", "en", "et", "einen"}
