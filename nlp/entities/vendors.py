"""Finds named vendors and products, and how the author stands to each."""

from collections.abc import Iterable, Sequence

from nlp.entities.dates import is_date_word
from nlp.entities.gazetteer import Gazetteer
from nlp.entities.grammar import Grammar, read_table
from nlp.entities.passage import Found, Passage
from nlp.entities.phrases import Phrases

# How many words before or behind a name may say how the author stands to it.
_REACH = 4
_MOST_NAME_WORDS = 3
_QUESTION = "?"


class VendorFinder:
    """Knows the names of entities/vendors.toml, and takes others where a name must stand."""

    def __init__(self) -> None:
        table = read_table("vendors.toml")
        self._names: Phrases[tuple[str, bool]] = Phrases()
        for is_word, entries in ((False, table["names"]), (True, table["words"])):
            for entry in entries:
                name, _, others = entry.partition(" = ")
                for spelling in (name, *(each for each in others.split(", ") if each)):
                    self._names.add(spelling, (name, is_word))

    def find_names(
        self, passage: Passage, *, with_words: bool = True
    ) -> list[tuple[int, int, str]]:
        """Return words [first, last) and the vendor's name, for names that are known.

        Without `with_words` names that are words of a language too are left out.
        """
        found: list[tuple[int, int, str]] = []
        place = 0
        while place < len(passage.words):
            match = self._names.match(passage.words, place)
            if (
                match is None
                or (match[1][1] and not with_words)
                or not _is_name(passage, place, is_word=match[1][1])
            ):
                place += 1
                continue
            found.append((place, match[0], match[1][0]))
            place = match[0]
        return found

    def name(self, words: Sequence[str], first: int, last: int) -> str:
        """Return the name of the known vendor that words [first, last) are, or ""."""
        match = self._names.match(words, first)
        return match[1][0] if match is not None and match[0] == last else ""

    def find(
        self, passage: Passage, grammar: Grammar, gazetteer: Gazetteer
    ) -> Iterable[tuple[int, int, Found]]:
        """Yield words [first, last) and the vendor."""
        names = self.find_names(passage)
        names += _find_unknown(passage, grammar, gazetteer, names)
        names.sort()
        names = _find_listed(passage, grammar, gazetteer, names)
        relations = [_relate(passage, grammar, first, last) for first, last, _ in names]
        _share(passage, grammar, names, relations)
        for (first, last, name), relation in zip(names, relations, strict=True):
            start, end = passage.span(first, last)
            told = "" if relation == "linked" else relation
            yield first, last, Found(start, end, "vendor", name, told)


def relate(passage: Passage, grammar: Grammar, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Return how the author stands to each of the vendors of the words [first, last).

    "linked" is a thing that what is wanted must work with; "" is unknown.
    """
    relations = [_relate(passage, grammar, first, last) for first, last in spans]
    _share(passage, grammar, [(first, last, "") for first, last in spans], relations)
    return relations


def _is_name(passage: Passage, place: int, *, is_word: bool) -> bool:
    """Tell whether a known name is meant and not the word that it is too."""
    if not is_word:
        return True
    return passage.is_capital(place) and not (
        passage.is_first(place) and _is_sentence(passage, place)
    )


def _is_sentence(passage: Passage, place: int) -> bool:
    """Tell whether more words of the language follow without a mark: no name on its own."""
    return place + 1 < len(passage.words) and passage.words[place + 1] in {
        "sure", "me", "it", "the", "a", "an", "for", "of", "to", "in",
    }  # fmt: skip


def _find_unknown(
    passage: Passage,
    grammar: Grammar,
    gazetteer: Gazetteer,
    known: Sequence[tuple[int, int, str]],
) -> list[tuple[int, int, str]]:
    """Return names in capital letters behind words like "alternative to"."""
    taken = {place for first, last, _ in known for place in range(first, last)}
    found = []
    for place in range(1, len(passage.words)):
        if place in taken or passage.has_break(place - 1) or not passage.is_capital(place):
            continue
        if grammar.strong.match_before(passage.words, place) is None:
            continue
        last = place
        while (
            last < min(len(passage.words), place + _MOST_NAME_WORDS)
            and last not in taken
            and _is_brand(passage, last, grammar)
            and (last == place or not passage.has_break(last - 1) or passage.gap(last - 1) == ".")
        ):
            last += 1
        if last > place and gazetteer.names.match(passage.words, place) is None:
            found.append((place, last, passage.written(place, last)))
    return found


def _find_listed(
    passage: Passage,
    grammar: Grammar,
    gazetteer: Gazetteer,
    names: Sequence[tuple[int, int, str]],
) -> list[tuple[int, int, str]]:
    """Return the names with those that a list or a choice adds: "X, Y or Z?", "X? Y?"."""
    taken = {place: index for index, each in enumerate(names) for place in range(*each[:2])}
    found = list(names)
    for place in range(len(passage.words)):
        if place in taken or not _could_be_listed(passage, grammar, gazetteer, place):
            continue
        before, after = _neighbours(passage, grammar, place)
        is_beside = before in taken or after in taken
        if grammar.lang == "de" and not (
            _is_in_question(passage, place) or _is_brand(passage, place, grammar)
        ):
            continue
        is_choice = grammar.lang != "de" and any(
            other >= 0 and _could_be_listed(passage, grammar, gazetteer, other)
            for other in (before, after)
        )
        is_alone = grammar.lang != "de" and _is_alone(passage, place)
        if is_beside or (is_choice and _is_in_question(passage, place)) or is_alone:
            found.append((place, place + 1, passage.written(place, place + 1)))
            taken[place] = -1
    return sorted(found)


def _could_be_listed(passage: Passage, grammar: Grammar, gazetteer: Gazetteer, place: int) -> bool:
    word = passage.words[place]
    return (
        passage.text[passage.starts[place]].isupper()
        and len(word) > 1
        and word not in grammar.stop
        and word not in grammar.skip
        and word not in grammar.never
        and not is_date_word(grammar.dates, word)
        and grammar.nouns.match(passage.words, place) is None
        and grammar.ask.match(passage.words, place) is None
        and gazetteer.names.match(passage.words, place) is None
    )


def _neighbours(passage: Passage, grammar: Grammar, place: int) -> tuple[int, int]:
    """Return the words that stand beside `place` in a list, -1 for none."""
    before = after = -1
    if place and passage.gap(place - 1).strip() in {",", "/"}:
        before = place - 1
    elif place > 1 and passage.words[place - 1] in grammar.versus - {"and", "og", "zu", "over"}:
        before = place - 2
    if passage.gap(place).strip() in {",", "/"} and place + 1 < len(passage.words):
        after = place + 1
    elif place + 2 < len(passage.words) and passage.words[place + 1] in grammar.versus - {
        "and", "og", "zu", "over",
    }:  # fmt: skip
        after = place + 2
    return before, after


def _is_in_question(passage: Passage, place: int) -> bool:
    return _QUESTION in passage.sentence(place)


def _is_alone(passage: Passage, place: int) -> bool:
    """Tell whether a name is a question of its own, in the middle of a post."""
    alone = [passage.words[place], _QUESTION]
    return passage.sentence_of[place] > 0 and passage.sentence(place) == alone


def _is_brand(passage: Passage, place: int, grammar: Grammar) -> bool:
    word = passage.written(place, place + 1)
    if passage.words[place] in grammar.stop or passage.words[place] in grammar.skip:
        return False
    if grammar.lang == "de":
        # Every noun has a capital letter: only a capital inside, a digit or a dot makes a name.
        return word[1:] != word[1:].lower() or any(sign.isdigit() for sign in word)
    if grammar.nouns.match(passage.words, place) is not None:
        return False
    return passage.is_capital(place)


def _relate(passage: Passage, grammar: Grammar, first: int, last: int) -> str:
    """Return how the author stands to the vendor of words [first, last), or ""."""
    words = passage.words
    after = _relate_after(passage, grammar, last)
    if after == "rejected":
        return after
    for end in range(first, max(0, first - _REACH), -1):
        if end < first and passage.has_break(end):
            break
        if end < len(words) and end < first and passage.gap(end - 1 + 1).strip() in {".", "?", "!"}:
            break
        found = grammar.before_vendor.match_before(words, end)
        if found is not None and (end == first or found[0] < end - 1):
            if found[1] == "rejected" and after == "compared":
                return "compared"
            return found[1]
    return after


def _relate_after(passage: Passage, grammar: Grammar, last: int) -> str:
    words = passage.words
    if last < len(words) and words[last] == _QUESTION:
        return "compared"
    for place in range(last, min(len(words), last + _REACH)):
        found = grammar.after_vendor.match(words, place)
        if found is not None:
            return found[1]
        if passage.has_break(place) and place > last:
            break
    return ""


def _share(
    passage: Passage,
    grammar: Grammar,
    names: Sequence[tuple[int, int, str]],
    relations: list[str],
) -> None:
    """Give names that stand beside each other one relation: "X or Y", "X, Y"."""
    for place in range(1, len(names)):
        (_, last, _), (first, _, _) = names[place - 1], names[place]
        between = passage.words[last:first]
        is_list = not between and passage.gap(last - 1).strip() in {",", "/", "?"}
        is_choice = len(between) <= 2 and any(word in grammar.versus for word in between)
        if is_choice and relations[place - 1] != "incumbent":
            relations[place - 1] = relations[place] = _either(
                relations[place - 1], relations[place]
            )
        elif is_choice and relations[place] == "":
            relations[place] = "incumbent"
        elif is_list and not relations[place]:
            relations[place] = relations[place - 1]
        elif is_list and not relations[place - 1]:
            relations[place - 1] = relations[place]


def _either(one: str, other: str) -> str:
    for relation in ("linked", "rejected"):
        if one == relation:
            return relation
    return other if other == "linked" and not one else "compared"
