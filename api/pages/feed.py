"""The opportunity feed: everything that was found, to be searched and filtered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.pages.feed_address import AGES, SORTS, FeedAddress, read_address
from api.pages.questions import Names, read_names
from api.pages.quote import Piece, excerpt_around
from api.pages.visit import PageVisit, Visit
from api.pages.voice import Voice
from api.pages.words import (
    ANSWERED,
    GONE,
    REVIEW,
    STATES_BEHIND,
    TAKEN,
    WAITING,
    Sign,
    intent_word,
    sign_of,
    state_word,
)
from askwatch.errors import BackendUnavailableError, InvalidRequestError
from askwatch.search.query import LeadHit, LeadPage

routes = APIRouter(include_in_schema=False)

# So many values of a facet are shown; the rest is found by searching.
_FACET_VALUES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One find in the feed."""

    hit: LeadHit
    pieces: list[Piece]
    sign: Sign
    topic: str
    place: str
    owner: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: what it is called, how many there are, and where choosing it leads."""

    name: str
    count: int
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values."""

    title: str
    values: list[Value]


@routes.get("/feed")
def show_feed(visit: PageVisit) -> Response:
    """Show the feed as its address says; 503 with words when the index is down."""
    address = read_address(visit.request.query_params, visit.voice.now)
    names = visit.read(lambda tx: read_names(tx, visit.voice.locale))
    try:
        page = visit.services.index.search(address.query(is_sales=visit.is_sales))
    except InvalidRequestError:
        if address.cursor:  # of another question, or of an index that was rebuilt
            return visit.go(replace(address, cursor="").address())
        raise
    except BackendUnavailableError:
        response = _show(visit, address, names, None, status=503)
        response.headers["Retry-After"] = "10"
        return response
    return _show(visit, address, names, page)


def _show(
    visit: Visit, address: FeedAddress, names: Names, page: LeadPage | None, *, status: int = 200
) -> HTMLResponse:
    voice = visit.voice
    facets = page.facets if page else {}
    return visit.page(
        "feed.html",
        status=status,
        address=address,
        page=page,
        rows=[_make_row(voice, hit, names) for hit in page.hits] if page else [],
        states=_state_values(voice, address, facets.get("state", {}), is_sales=visit.is_sales),
        facets=_make_facets(voice, address, facets, names),
        ages=[
            Value(word, 0, address.aged(age), address.age == age)
            for age, word in zip(AGES, _age_words(voice), strict=True)
        ],
        sorts=[
            Value(word, 0, address.sorted_by(sort), address.sort == sort)
            for sort, word in zip(SORTS, _sort_words(voice), strict=True)
        ],
        chosen=_list_chosen(voice, address, names),
    )


def _make_row(voice: Voice, hit: LeadHit, names: Names) -> Row:
    document = hit.document
    text = f"{document.title}\n\n{document.text}" if document.title else document.text
    source = names.sources.get(document.source_id, document.source_id)
    topics = [names.topics.get(each, each) for each in document.topic_ids]
    return Row(
        hit=hit,
        pieces=excerpt_around(text, hit.highlights),
        sign=sign_of(voice, document.state),
        topic=topics[0] if topics else voice.say("something new"),
        place=document.region or document.place or source,
        owner=document.owner_name,
    )


def _state_values(
    voice: Voice, address: FeedAddress, counts: Mapping[str, int], *, is_sales: bool
) -> list[Value]:
    words = [WAITING, TAKEN, ANSWERED, *([REVIEW] if is_sales else []), GONE]
    return [
        Value(
            state_word(voice, word),
            sum(counts.get(state.value, 0) for state in STATES_BEHIND[word]),
            address.toggled("state", word),
            word in address.states,
        )
        for word in words
    ]


def _make_facets(
    voice: Voice, address: FeedAddress, counts: Mapping[str, Mapping[str, int]], names: Names
) -> list[Facet]:
    titles = {
        "topic": ("topic_ids", voice.say("Topic")),
        "lang": ("lang", voice.say("Language")),
        "source": ("source_id", voice.say("Source")),
        "region": ("region", voice.say("Place")),
        "intent": ("intent", voice.say("Kind of ask")),
        "owner": ("owner_id", voice.say("Who has it")),
    }
    facets = []
    for name, (field, title) in titles.items():
        chosen = address.filters.get(name, ())
        known = {value: count for value, count in counts.get(field, {}).items() if value}
        known |= {value: 0 for value in chosen if value not in known}
        ranked = sorted(known.items(), key=lambda pair: (pair[0] not in chosen, -pair[1], pair[0]))
        values = [
            Value(
                _value_name(voice, name, value, names),
                count,
                address.toggled(name, value),
                value in chosen,
            )
            for value, count in ranked[:_FACET_VALUES]
        ]
        if len(values) > 1 or chosen:
            facets.append(Facet(title, values))
    return facets


def _value_name(voice: Voice, name: str, value: str, names: Names) -> str:
    if name == "lang":
        return voice.language_name(value) if value != "und" else voice.say("unknown")
    if name == "intent":
        return intent_word(voice, value)
    known: Mapping[str, str] = {
        "topic": names.topics,
        "source": names.sources,
        "owner": {str(expert_id): called for expert_id, called in names.experts.items()},
    }.get(name, {})
    return known.get(value, value)


def _list_chosen(voice: Voice, address: FeedAddress, names: Names) -> list[Value]:
    """Return what narrows the feed now, each with the address without it."""
    chosen = [Value(f"“{address.text}”", 0, address.without_text(), True)] if address.text else []
    if address.age:
        word = dict(zip(AGES, _age_words(voice), strict=True))[address.age]
        chosen.append(Value(word, 0, address.aged(address.age), True))
    for name, values in address.filters.items():
        chosen += [
            Value(_value_name(voice, name, value, names), 0, address.toggled(name, value), True)
            for value in values
        ]
    return chosen


def _age_words(voice: Voice) -> list[str]:
    return [voice.say("last hour"), voice.say("last 24 hours"), voice.say("last 7 days")]


def _sort_words(voice: Voice) -> list[str]:
    return [
        voice.say("newest first"),
        voice.say("best match first"),
        voice.say("surest first"),
        voice.say("most valuable first"),
    ]
