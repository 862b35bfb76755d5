"""Finds the head phrase of the product or service that a post asks for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from nlp.entities.dates import is_date_word
from nlp.entities.grammar import Grammar
from nlp.entities.passage import Passage

_MOST_SKIPPED, _MOST_WORDS = 5, 4
_MOST_MODIFIERS = 3
# Points of a phrase: behind words that ask, before words that ask, a known noun, in a sentence
# that asks, in the first sentence, the more words ask the surer. Judged by hand on half of the
# golden posts of tests/nlp/entities_golden.jsonl.
_ASKED, _WANTED, _KNOWN, _ASKING, _OPENING, _PER_WORD = 2.0, 1.0, 1.6, 1.0, 0.6, 0.3
_SOUGHT, _TITLE, _ARTICLE, _GENERIC = 2.2, 2.0, 0.4, 0.8
_ARTICLES = frozenset(["a", "an", "en", "et", "ett", "ein", "eine", "einen", "nen", "ei"])
_LEAST = 2.5
# How far down a title may stand, and what it may be followed by.
_TITLE_REACH, _SHORT_TITLE, _MOST_BACK = 12, 4, 3
GREETINGS = frozenset(
    ["hi", "hello", "hey", "hej", "hei", "hallo", "moin", "dear", "kære", "help", "hjælp", "update",
     "edit", "re", "question", "spørgsmål", "fråga", "frage", "yes", "ja", "ok", "okay", "thanks",
     "task", "job", "jobs", "hiring", "platsannons", "stellenangebot", "wtb", "ask", "hn", "need"]
)  # fmt: skip
_AFTER_TITLE = frozenset(
    ["?", "!", ":", "for", "in", "near", "with", "who", "that", "which", "from", "under", "til",
     "i", "på", "med", "som", "der", "för", "till", "utan", "uden", "für", "in", "im", "bei",
     "mit", "zu", "zum", "vs", "around", "without", "on", "nær", "nära", "aus", "hvor", "eller",
     "or", "oder"]
)  # fmt: skip
_LEAST_LENGTH = 2


@dataclass(slots=True)
class _Candidate:
    first: int
    last: int
    points: dict[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return sum(self.points.values())


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


def _suggest(
    passage: Passage, grammar: Grammar, place: int
) -> Iterable[tuple[str, int, int, float]]:
    """Yield source, words [first, last) and points of what may be wanted at `place`."""
    words = passage.words
    asked = grammar.ask.match(words, place)
    if asked is not None and not passage.has_break(asked[0] - 1):
        phrase = read_phrase(passage, grammar, asked[0])
        if phrase is not None:
            points = _ASKED + _PER_WORD * (asked[0] - place - 1)
            has_article = not _ARTICLES.isdisjoint(words[place : phrase[0]])
            yield "asked", *phrase, points + _ARTICLE * has_article
    if words[place] in grammar.sought:
        phrase = _read_back(passage, grammar, place)
        if phrase is not None:
            yield "sought", *phrase, _SOUGHT
    if opens_line(passage, place):
        phrase = _read_title(passage, grammar, place)
        if phrase is not None:
            yield "title", *phrase, _TITLE
    noun = _match_noun(passage, grammar, place)
    if noun is not None:
        yield "known", *noun, _KNOWN
        wanted = grammar.wanted.match(words, noun[1])
        if wanted is not None and not passage.has_break(noun[1] - 1):
            yield "wanted", *noun, _WANTED


def opens_line(passage: Passage, place: int) -> bool:
    return place == 0 or (place < _TITLE_REACH and "\n" in passage.gap(place - 1))


def _read_title(passage: Passage, grammar: Grammar, place: int) -> tuple[int, int] | None:
    """Return the noun phrase that a title begins with: "Printer for a school", "Wedding cake?"."""
    if place and passage.words[place - 1] not in {"!", "?", ":"} and place > _SHORT_TITLE:
        return None
    word = passage.words[place]
    if word in grammar.stop or word in grammar.ask or word in GREETINGS:
        return None
    phrase = read_phrase(passage, grammar, place)
    if phrase is not None and passage.words[phrase[1] : phrase[1] + 1] == [":"]:
        # "Tender: snow clearing": what is wanted stands behind the colon.
        phrase = read_phrase(passage, grammar, phrase[1] + 1)
    if phrase is None or not any(sign.isalpha() for sign in passage.words[phrase[0]]):
        return None
    last = phrase[1]
    follows = passage.words[last] if last < len(passage.words) else "?"
    if passage.has_break(last - 1) or follows in _AFTER_TITLE or "\n" in passage.gap(last - 1):
        return phrase
    return None


def _read_back(passage: Passage, grammar: Grammar, end: int) -> tuple[int, int] | None:
    """Return the noun phrase that ends before a word like "wanted"."""
    first = end
    while first and end - first < _MOST_BACK and not passage.has_break(first - 1):
        word = passage.words[first - 1]
        if word in grammar.stop or word in grammar.skip or not word[0].isalnum():
            break
        first -= 1
    return (first, end) if first < end else None


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
            first and place - first < _MOST_MODIFIERS and is_modifier(passage, grammar, first - 1)
        ):
            first -= 1
        end = min(len(words), place + _MOST_WORDS)
        while last < end and not passage.has_break(last - 1) and _is_noun(grammar, words[last]):
            last += 1
    elif grammar.lang == "de" and not passage.is_lower and not passage.is_capital(place):
        return None
    elif first and passage.gap(first - 1) == " " and passage.written(first - 1, first).isupper():
        first -= len(words[first - 1]) > 1 and words[first - 1] not in grammar.stop
    return first, last


def is_modifier(passage: Passage, grammar: Grammar, place: int) -> bool:
    word = passage.words[place]
    return (
        not passage.has_break(place)
        and word not in grammar.stop
        and word not in grammar.skip
        and word not in grammar.ask
        and word not in grammar.sought
        and word[0].isalnum()
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
        # "A firm" is worth telling only where nothing says what for.
        score -= _GENERIC * (name in grammar.generic)
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
