"""What the tagger sees of each word: its form, its neighbours, and what the rules say of it.

A clue is a short string; the tagger has a weight for each clue and tag. Rules were written by
hand and know what to do where a list knows a word; the tagger learns how far each may be believed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.entities.gazetteer import Gazetteer
from nlp.entities.grammar import Grammar
from nlp.entities.passage import Found, Passage
from nlp.entities.roles import RoleWords

# The ask of a longer text stands at its beginning or end; the tagger reads less than the rules.
MOST_WORDS = 300
_HEAD = 220
# Kinds as the tagger tells them: a product and a role are both what is wanted.
TAG_KINDS = {
    "product": "want", "role": "want", "vendor": "name", "skill": "name", "place": "place",
    "budget": "budget", "deadline": "deadline", "start": "start", "company_size": "size",
}  # fmt: skip
_ASK_REACH, _LONG, _OPENING = 6, 20, 3
_CACHED = 20_000


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists whose words are a clue."""

    gazetteer: Gazetteer
    roles: RoleWords


def read_places(passage: Passage) -> list[int]:
    """Return which words are read: all, or beginning and end of a long text."""
    total = len(passage.words)
    if total <= MOST_WORDS:
        return list(range(total))
    return [*range(_HEAD), *range(total - (MOST_WORDS - _HEAD), total)]


def read_clues(
    passage: Passage,
    grammar: Grammar,
    lists: Lists,
    found: Sequence[Found],
    *,
    is_search: bool,
) -> list[list[str]]:
    """Return the clues of each word of `read_places`."""
    places = read_places(passage)
    told = _tell_rules(passage, found)
    asked = _count_from_ask(passage, grammar)
    ask_starts = _find_questions(passage)
    lang, intent = f"l={grammar.lang}", "S" if is_search else "V"
    own = [_own_clues(passage, grammar, lists, place) for place in places]
    forms = [passage.words[place] for place in places]
    shapes = [_shape(passage, place) for place in places]
    rows: list[list[str]] = []
    last = len(places) - 1
    for at, place in enumerate(places):
        word = forms[at]
        row = ["bias", lang, intent, *own[at]]
        row += [f"{each}|{intent}" for each in own[at][:3]]
        before = forms[at - 1] if at else "<"
        after = forms[at + 1] if at < last else ">"
        gap_before = _gap(passage, place - 1) if place else "<"
        gap_after = _gap(passage, place)
        row += [
            f"b={before}", f"a={after}", f"b={before}|{gap_before}", f"a={after}|{gap_after}",
            f"bw={before} {word}", f"wa={word} {after}", f"b={before}|{intent}",
            f"gb={gap_before}", f"ga={gap_after}", f"gg={gap_before}{gap_after}",
            f"sh={shapes[at]}|{gap_before}", f"r0={told[place]}", f"r0={told[place]}|{intent}",
            f"ask={asked[place]}", f"ask={asked[place]}|{intent}",
            f"q={ask_starts[place]}|{shapes[at]}", f"low={passage.is_lower}|{shapes[at]}",
            f"pos={_position(place)}|{intent}", f"pos={_position(place)}|{gap_after}",
        ]  # fmt: skip
        if at:
            row += _tell_neighbour("b", "r-", own[at - 1], shapes[at - 1], told[places[at - 1]])
        if at < last:
            row += _tell_neighbour("a", "r+", own[at + 1], shapes[at + 1], told[places[at + 1]])
        if at > 1:
            row += [f"bb={forms[at - 2]}", f"bb={forms[at - 2]} {before}"]
        if at < last - 1:
            row += [f"aa={forms[at + 2]}"]
        rows.append(row)
    return rows


def _tell_neighbour(
    side: str, rule_side: str, own: Sequence[str], shape: str, told: str
) -> list[str]:
    """Return what the word before ("b") or after ("a") says of this one."""
    clues = [f"{side}-{each}" for each in own[3:]]
    return [*clues, f"{side}sh={shape}", f"{rule_side}={told}"]


@lru_cache(maxsize=_CACHED)
def _form_clues(word: str) -> tuple[str, ...]:
    """Return the clues of a word that need no text; the first three count by intent too."""
    clues = [f"w={word}", f"s4={word[-4:]}", f"s3={word[-3:]}"]
    clues += [f"s2={word[-2:]}", f"s5={word[-5:]}", f"s6={word[-6:]}"]
    clues += [f"p3={word[:3]}", f"p4={word[:4]}", f"p5={word[:5]}"]
    if word[0].isdigit():
        clues.append(f"d={len(word)}{'-' in word}")
    clues.append(f"n={min(len(word), _LONG) // 3}")
    if "-" in word:
        clues.append(f"h={word.rpartition('-')[2]}")
    return tuple(clues)


def _own_clues(passage: Passage, grammar: Grammar, lists: Lists, place: int) -> list[str]:
    word = passage.words[place]
    clues = [*_form_clues(word), f"sh={_shape(passage, place)}"]
    if word in grammar.stop:
        clues.append("stop")
    if word in grammar.skip:
        clues.append("skip")
    if word in grammar.numbers or word[0].isdigit():
        clues.append("number")
    if grammar.people.match((word,), 0) is not None:
        clues.append("people")
    if grammar.nouns.match((word,), 0) is not None or (
        grammar.noun_endings and word.endswith(grammar.noun_endings)
    ):
        clues.append("noun")
    if lists.roles.is_head(word):
        clues.append("role")
    if lists.gazetteer.names.match((word,), 0) is not None:
        clues.append("town")
    if word in grammar.place_cues:
        clues.append("in")
    if word in grammar.versus:
        clues.append("versus")
    return clues


def _shape(passage: Passage, place: int) -> str:
    written = passage.text[passage.starts[place] : passage.ends[place]]
    if written[0].isdigit():
        return "9a" if any(sign.isalpha() for sign in written) else "9"
    if written.isupper():
        return "A" if len(written) == 1 else "AA"
    if written[1:] != written[1:].lower():
        return "aA"
    if written[0].isupper():
        return "Aa1" if passage.is_first(place) else "Aa"
    return "a" if written[0].isalpha() else "-"


def _gap(passage: Passage, place: int) -> str:
    """Return the mark that stands behind a word: "," or "n" for a line break."""
    gap = passage.gap(place)
    if "\n" in gap:
        return "n"
    return gap.strip()[:1] or ("_" if gap else "0")


def _position(place: int) -> str:
    return str(place) if place < _OPENING else "early" if place < 4 * _OPENING else "late"


def _tell_rules(passage: Passage, found: Iterable[Found]) -> list[str]:
    """Return what the rules say of each word: "B-want", "I-want", "O"."""
    tags = ["O"] * len(passage.words)
    for each in found:
        kind = TAG_KINDS.get(each.kind)
        if kind is None:
            continue
        head = "B"
        for place in words_between(passage, each.start, each.end):
            tags[place] = f"{head}-{kind}"
            head = "I"
    return tags


def words_between(passage: Passage, start: int, end: int) -> range:
    """Return the places of the words that touch the characters [start, end)."""
    first = _first_after(passage.ends, start)
    last = first
    while last < len(passage.words) and passage.starts[last] < end:
        last += 1
    return range(first, last)


def _first_after(ends: Sequence[int], start: int) -> int:
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if ends[middle] <= start:
            low = middle + 1
        else:
            high = middle
    return low


def _count_from_ask(passage: Passage, grammar: Grammar) -> list[str]:
    """Return how many words stand between each word and words that ask, "-" for many."""
    words = passage.words
    left = ["-"] * len(words)
    for place in range(len(words)):
        asked = grammar.ask.match(words, place)
        if asked is None:
            continue
        for step in range(_ASK_REACH):
            at = asked[0] + step
            if at >= len(words) or (at and passage.has_break(at - 1)):
                break
            left[at] = str(step)
    return left


def _find_questions(passage: Passage) -> list[str]:
    """Return whether each word's sentence asks: "q" with a question mark, "k" by its words."""
    is_question: dict[int, bool] = {}
    for word, sentence in zip(passage.words, passage.sentence_of, strict=True):
        is_question[sentence] = is_question.get(sentence, False) or word == "?"
    return [
        ("q" if is_question[each] else "-") + ("k" if each in passage.asking else "-")
        for each in passage.sentence_of
    ]
