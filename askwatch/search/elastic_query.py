"""A question in Elasticsearch's words, and its answer in ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from askwatch.search.elastic_schema import text_field
from askwatch.search.query import FACET_FIELDS, SortField
from askwatch.search.question import Found, Position, Question
from askwatch.search.stored import NO_TIME, WITHDRAWN
from askwatch.search.terms import Term

# Values of a facet in one answer; what there is beyond is fetched in pages.
FACET_SIZE = 1000
_VALUES = "values"


def make_search(question: Question, *, with_facets: bool) -> dict[str, Any]:
    """Return the arguments of the search that answers `question`."""
    order = "desc" if question.is_descending else "asc"
    field = "_score" if question.sort is SortField.RELEVANCE else str(question.sort)
    search: dict[str, Any] = {
        "query": _bool(_base(question), must=_must(question)),
        "sort": [{field: {"order": order}}, {"lead_id": {"order": "asc"}}],
        "size": question.limit + 1,
        "source": ["document"],
        "track_total_hits": True,
    }
    if question.after is not None:
        search["search_after"] = [question.after.value, question.after.lead_id]
    if with_facets:
        # Facets leave out the filter on their own field, so filters must come after them.
        search["post_filter"] = _bool(_filters(question))
        search["aggs"] = {name: _facet(question, name) for name in FACET_FIELDS}
    else:
        search["query"] = _bool(_base(question) + _filters(question), must=_must(question))
    return search


def make_facet_search(
    question: Question, name: str, after: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the arguments of the search for the next page of one facet's values."""
    conditions = _base(question) + _filters(question, without=name)
    composite: dict[str, Any] = {
        "size": FACET_SIZE,
        "sources": [{name: {"terms": {"field": name}}}],
    }
    if after is not None:
        composite["after"] = after
    return {
        "query": _bool(conditions, must=_must(question)),
        "size": 0,
        "aggs": {_VALUES: {"composite": composite}},
    }


def read_hits(answer: Mapping[str, Any]) -> tuple[list[Found], int]:
    """Return hits and total of a search's answer."""
    found = [
        Found(fields=hit["_source"]["document"], position=Position(*hit["sort"]))
        for hit in answer["hits"]["hits"]
    ]
    return found, int(answer["hits"]["total"]["value"])


def read_facet(answer: Mapping[str, Any], name: str) -> tuple[dict[str, int], bool]:
    """Return the counts of one facet, and whether these are all."""
    values = answer["aggregations"][name][_VALUES]
    counts = {bucket["key"]: bucket["doc_count"] for bucket in values["buckets"]}
    return counts, values["sum_other_doc_count"] == 0


def read_facet_page(
    answer: Mapping[str, Any], name: str
) -> tuple[dict[str, int], Mapping[str, Any] | None]:
    """Return a page of one facet's counts, and what the next page comes after; None at the end."""
    values = answer["aggregations"][_VALUES]
    counts = {bucket["key"][name]: bucket["doc_count"] for bucket in values["buckets"]}
    return counts, values.get("after_key")


def _must(question: Question) -> list[dict[str, Any]]:
    return [_term(term) for term in question.terms]


def _term(term: Term) -> dict[str, Any]:
    return {"dis_max": {"queries": [_words(*each) for each in term.alternatives]}}


def _words(column: str, tokens: Sequence[str]) -> dict[str, Any]:
    if len(tokens) == 1:
        return {"term": {text_field(column): {"value": tokens[0]}}}
    return {"match_phrase": {text_field(column): {"query": " ".join(tokens)}}}


def _base(question: Question) -> list[dict[str, Any]]:
    """Return the conditions that facets keep in any case."""
    conditions: list[dict[str, Any]] = []
    if question.hides_withdrawn:
        conditions.append({"bool": {"must_not": [{"term": {"state": {"value": WITHDRAWN}}}]}})
    if question.found_after is not None:
        conditions.append({"range": {"found_at": {"gte": question.found_after}}})
    if question.found_before is not None:
        conditions.append({"range": {"found_at": {"lt": question.found_before, "gt": NO_TIME}}})
    if question.min_probability > 0.0:
        conditions.append({"range": {"probability": {"gte": question.min_probability}}})
    return conditions


def _filters(question: Question, *, without: str = "") -> list[dict[str, Any]]:
    return [
        {"terms": {name: list(values)}}
        for name, values in question.filters.items()
        if name != without
    ]


def _facet(question: Question, name: str) -> dict[str, Any]:
    return {
        "filter": _bool(_filters(question, without=name)),
        "aggs": {_VALUES: {"terms": {"field": name, "size": FACET_SIZE}}},
    }


def _bool(
    conditions: Sequence[Mapping[str, Any]], *, must: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    return {"bool": {"filter": list(conditions), "must": list(must)}}
