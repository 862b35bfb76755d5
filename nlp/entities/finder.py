"""The front door of entities: everything that one post names, in the order of the text."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from askwatch.model.lead import Entity, Intent
from nlp.analysis import Analysis
from nlp.entities.clues import Lists, read_clues, words_between
from nlp.entities.dates import find_dates
from nlp.entities.gazetteer import read_gazetteer
from nlp.entities.grammar import Grammar, read_grammar
from nlp.entities.marks import find_marks
from nlp.entities.mixing import mix
from nlp.entities.money import MoneyFinder
from nlp.entities.passage import Found, Passage
from nlp.entities.places import find_places
from nlp.entities.relations import RelationReader, read_relations
from nlp.entities.roles import RoleWords, find_role
from nlp.entities.sizes import find_sizes
from nlp.entities.skills import SkillFinder
from nlp.entities.tagger import Tagger, read_tagger
from nlp.entities.values import Circumstances, SpanReader
from nlp.entities.vendors import VendorFinder
from nlp.entities.wants import find_product

# A post that names more of a kind is a list, of which the rest tells nobody anything.
MOST_OF_A_KIND = 8
_MOST_COMPARED = 64
_LANGUAGES = ("en", "da", "de")


class EntityFinder:
    """Reads entities by word lists, small grammars, and learned weights.

    Any text is taken; time is linear in its length.
    """

    def __init__(
        self, tagger: Tagger | None = None, relations: RelationReader | None = None
    ) -> None:
        """Read all word lists, and the weights that ship with the package where none are given.

        Raises:
            ConfigurationError: One of them is missing or damaged.
        """
        self._gazetteer = read_gazetteer()
        self._money, self._vendors = MoneyFinder(), VendorFinder()
        self._skills, self._roles = SkillFinder(), RoleWords()
        self._tagger, self._relations = tagger or read_tagger(), relations or read_relations()
        self._reader = SpanReader(self._gazetteer, self._money, self._vendors)
        self.lists = Lists(self._gazetteer, self._roles)
        for lang in _LANGUAGES:
            read_grammar(lang)

    def find(
        self,
        analysis: Analysis,
        lang: str,
        *,
        intent: Intent = Intent.VENDOR_REQUEST,
        posted_on: date | None = None,
    ) -> tuple[Entity, ...]:
        """Return what was found, each thing once, without overlaps of one kind.

        `intent` tells whether a product or a person is wanted. Relative dates are resolved from
        `posted_on`; without it their words are their value.
        """
        if not analysis.words.words:
            return ()
        passage, grammar = Passage(analysis), read_grammar(lang)
        is_search = intent is Intent.CANDIDATE_SEARCH
        ruled = self.find_by_rules(passage, grammar, lang, is_search=is_search, posted_on=posted_on)
        around = Circumstances(lang, _first_country(ruled), is_search, posted_on)
        rows = read_clues(passage, grammar, self.lists, ruled, is_search=is_search)
        tagged, possible = (
            self._reader.read(passage, grammar, spans, around) for spans in self._tagger.tag(rows)
        )
        found = self._relate_all(passage, grammar, _drop_clashes(mix(ruled, tagged, possible)))
        return tuple(_make_entities(analysis, found))

    def find_by_rules(
        self,
        passage: Passage,
        grammar: Grammar,
        lang: str,
        *,
        is_search: bool,
        posted_on: date | None = None,
    ) -> list[Found]:
        """Return what lists and grammars tell."""
        places = list(find_places(passage, grammar, self._gazetteer))
        found = [
            *find_dates(passage, grammar, posted_on),
            *self._money.find(passage, grammar, lang=lang, country=_first_country(places)),
            *find_sizes(passage, grammar),
            *find_marks(passage, grammar, is_search=is_search),
            *(
                self._find_person(passage, grammar)
                if is_search
                else self._find_offer(passage, grammar)
            ),
        ]
        return _drop_clashes([*found, *places])

    def _find_person(self, passage: Passage, grammar: Grammar) -> Iterable[Found]:
        """Yield role and skills; a tool in the role's name is no skill of its own."""
        role_words: set[int] = set()
        for first, last in find_role(passage, grammar, self._roles):
            role_words.update(range(first, last))
            yield _make_found(passage, "role", first, last)
        for first, last, skill in self._find_skills(passage):
            if role_words.isdisjoint(range(first, last)):
                yield Found(*passage.span(first, last), "skill", skill)

    def _find_skills(self, passage: Passage) -> Iterable[tuple[int, int, str]]:
        known = list(self._skills.find(passage))
        yield from known
        taken = {place for first, last, _ in known for place in range(first, last)}
        for first, last, name in self._vendors.find_names(passage, with_words=False):
            if taken.isdisjoint(range(first, last)):
                yield first, last, name.lower()

    def _find_offer(self, passage: Passage, grammar: Grammar) -> Iterable[Found]:
        """Yield the product or service wanted, and the vendors named."""
        taken: set[int] = set()
        for first, last, vendor in self._vendors.find(passage, grammar, self._gazetteer):
            taken.update(range(first, last))
            yield vendor
        for first, last in find_product(passage, grammar, taken):
            yield _make_found(passage, "product", first, last)

    def _relate_all(
        self, passage: Passage, grammar: Grammar, found: Sequence[Found]
    ) -> list[Found]:
        """Return `found` with the relation of every vendor."""
        vendors = sorted(
            (each for each in found if each.kind == "vendor"), key=lambda each: each.start
        )
        spans = [words_between(passage, each.start, each.end) for each in vendors]
        relations = self._relations.read(
            passage, grammar, [(span.start, span.stop) for span in spans]
        )
        return [
            *(each for each in found if each.kind != "vendor"),
            *(
                replace(each, relation=relation)
                for each, relation in zip(vendors, relations, strict=True)
            ),
        ]


def _make_found(passage: Passage, kind: str, first: int, last: int) -> Found:
    start, end = passage.span(first, last)
    return Found(start, end, kind, " ".join(passage.lower[start:end].split()))


def _first_country(places: Sequence[Found]) -> str:
    for place in places:
        if place.kind != "place":
            continue
        _, _, country = place.value.rpartition(", ")
        if country:
            return country
    return ""


# Of two kinds that claim the same words the first one is believed.
_STRONGER = (
    ("budget", "company_size"), ("budget", "deadline"), ("budget", "start"), ("start", "urgency"),
    ("start", "deadline"), ("vendor", "place"), ("company_size", "deadline"),
    ("company_size", "product"), ("place", "product"), ("deadline", "urgency"),
)  # fmt: skip


def _drop_clashes(found: Sequence[Found]) -> list[Found]:
    by_kind: dict[str, list[Found]] = {}
    for each in sorted(found, key=lambda each: each.start):
        same = by_kind.setdefault(each.kind, [])
        # Kinds are compared one by one: a bound keeps that linear.
        if len(same) < _MOST_COMPARED:
            same.append(each)
    kept = [each for same in by_kind.values() for each in same]
    for stronger, weaker in _STRONGER:
        strong = by_kind.get(stronger)
        if strong and weaker in by_kind:
            kept = [each for each in kept if each.kind != weaker or not _overlaps_any(each, strong)]
    return kept


def _overlaps_any(found: Found, others: Sequence[Found]) -> bool:
    return any(found.start < other.end and other.start < found.end for other in others)


def _make_entities(analysis: Analysis, found: Sequence[Found]) -> Iterable[Entity]:
    counts: dict[str, int] = {}
    ends: dict[str, int] = {}
    told: set[tuple[str, str]] = set()
    for each in sorted(found, key=lambda each: (each.start, -each.end, each.kind)):
        kind = each.kind
        key = (kind, each.value.casefold())
        if each.start < ends.get(kind, 0) or key in told or counts.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        counts[kind], ends[kind] = counts.get(kind, 0) + 1, each.end
        told.add(key)
        first, last = analysis.normal.span(each.start, each.end)
        yield Entity(
            kind=kind,
            text=analysis.normal.text[each.start : each.end],
            start=first,
            end=last,
            value=each.value,
            relation=each.relation,
        )
