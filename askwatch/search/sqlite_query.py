"""A question in SQLite's words: conditions, order, facets."""

import sqlite3
from collections.abc import Sequence

import orjson

from askwatch.search.query import FACET_FIELDS, SortField
from askwatch.search.question import Found, Position, Question
from askwatch.search.sqlite_version import Version
from askwatch.search.stored import NO_TIME, WITHDRAWN
from askwatch.search.terms import Term

# All statements below are put together from names of ours; values are always bound.
# ruff: noqa: S608


class Statement:
    """The part of a statement behind FROM that says which leads are meant."""

    def __init__(self, version: Version, question: Question, *, without: str = "") -> None:
        """Take all conditions of `question`, but not the filter on the field `without`."""
        self._version = version
        self.parts: list[str] = []
        self.values: list[object] = []
        if question.terms:
            self._add(
                f"l.id IN (SELECT rowid FROM {version.words} WHERE {version.words} MATCH ?)",
                [match_expression(question.terms)],
            )
        if question.hides_withdrawn:
            self._add("l.state <> ?", [WITHDRAWN])
        if question.found_after is not None:
            self._add("l.found_at >= ?", [question.found_after])
        if question.found_before is not None:
            self._add("l.found_at < ? AND l.found_at > ?", [question.found_before, NO_TIME])
        if question.min_probability > 0.0:
            self._add("l.probability >= ?", [question.min_probability])
        for name, values in question.filters.items():
            if name != without:
                self._add_filter(name, values)

    @property
    def where(self) -> str:
        return f"WHERE {' AND '.join(self.parts)}" if self.parts else ""

    def add_position(self, question: Question, column: str) -> None:
        """Add that leads come behind where the page before ended."""
        if question.after is None:
            return
        sign = "<" if question.is_descending else ">"
        value, lead_id = question.after.value, question.after.lead_id
        # The first condition is implied by the second; it lets an index be used.
        self._add(
            f"{column} {sign}= ? AND ({column} {sign} ? OR l.lead_id > ?)", [value, value, lead_id]
        )

    def _add_filter(self, name: str, values: Sequence[str]) -> None:
        marks = ", ".join("?" * len(values))
        if name == "topic_ids":
            topics = f"SELECT id FROM {self._version.topics} WHERE topic_id IN ({marks})"
            self._add(f"l.id IN ({topics})", values)
        else:
            self._add(f"l.{name} IN ({marks})", values)

    def _add(self, part: str, values: Sequence[object]) -> None:
        self.parts.append(part)
        self.values += values


def match_expression(terms: Sequence[Term]) -> str:
    """Return `terms` as FTS5 wants them; tokens hold neither blanks nor quotation marks."""
    return " AND ".join(
        "({})".format(
            " OR ".join(f'{column} : "{" ".join(tokens)}"' for column, tokens in term.alternatives)
        )
        for term in terms
    )


def count_hits(connection: sqlite3.Connection, version: Version, question: Question) -> int:
    """Return how many leads there are on all pages."""
    statement = Statement(version, question)
    row = connection.execute(
        f"SELECT count(*) FROM {version.leads} l {statement.where}", statement.values
    ).fetchone()
    return int(row[0])


def find_hits(connection: sqlite3.Connection, version: Version, question: Question) -> list[Found]:
    """Return the page's leads in order, and one more where another page follows."""
    scores, column, first_values = "", f"l.{question.sort}", []
    if question.sort is SortField.RELEVANCE:
        # Materialised, or the score could be asked for outside of the search it belongs to.
        scores = (
            f"WITH scores AS MATERIALIZED (SELECT rowid AS id, -bm25({version.words}) AS score "
            f"FROM {version.words} WHERE {version.words} MATCH ?) "
        )
        column, first_values = "s.score", [match_expression(question.terms)]
    statement = Statement(version, question)
    statement.add_position(question, column)
    direction = "DESC" if question.is_descending else "ASC"
    rows = connection.execute(
        f"{scores}SELECT {column}, l.lead_id, d.document FROM {version.leads} l "
        f"{'JOIN scores s ON s.id = l.id ' if scores else ''}"
        f"JOIN {version.documents} d ON d.id = l.id {statement.where} "
        f"ORDER BY {column} {direction}, l.lead_id LIMIT ?",
        [*first_values, *statement.values, question.limit + 1],
    )
    return [
        Found(fields=orjson.loads(document), position=Position(value, lead_id))
        for value, lead_id, document in rows
    ]


def count_facets(
    connection: sqlite3.Connection, version: Version, question: Question
) -> dict[str, dict[str, int]]:
    """Return the counts of every value of every facet."""
    return {name: _count_facet(connection, version, question, name) for name in FACET_FIELDS}


def _count_facet(
    connection: sqlite3.Connection, version: Version, question: Question, name: str
) -> dict[str, int]:
    statement = Statement(version, question, without=name)
    column, join = f"l.{name}", ""
    if name == "topic_ids":
        column, join = "t.topic_id", f"JOIN {version.topics} t ON t.id = l.id"
    rows = connection.execute(
        f"SELECT {column}, count(*) FROM {version.leads} l {join} {statement.where} GROUP BY 1",
        statement.values,
    )
    return dict(rows.fetchall())
