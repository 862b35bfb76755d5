"""Measures how well topics are told apart, and finds the weights of resources/topic_weights.toml.

`python -m nlp.training.topic_weights FILES` prints a table; `--fit` also the weights that suit the
files best, which must be posts that no part was trained on.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.analysis import Analysis
from nlp.encoder import Encoder, has_encoder, read_encoder
from nlp.intent import log_softmax, softmax
from nlp.model import ASKS, packaged_model_dir, read_model
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.screening import Screener
from nlp.topics import Reading, TopicHit, TopicIndex, builtin_index
from nlp.topics.packs import LANGUAGES, read_packs
from nlp.training.labelled_file import read_measured

_F64 = NDArray[np.float64]
_STEPS, _RATE = 400, 0.05
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class TopicRow:
    """How often a way of telling topics is right, at once and among its first three."""

    name: str
    first: float
    in_three: float
    sure: float  # share of the asks whose likeliest topic has 0.5 or more
    sure_right: float  # share of those that are right


@dataclass(frozen=True, slots=True)
class _Ask:
    """One ask with everything that is known of its topic."""

    topic: int
    analysis: Analysis
    linear: dict[str, float]
    reading: Reading | None
    hits: list[TopicHit]


class TopicBench:
    """The asks of labelled posts, read once."""

    def __init__(
        self, posts: Sequence[tuple[str, str]], screener: Screener, encoder: Encoder | None
    ) -> None:
        """Take (text, topic id) pairs."""
        self._index = builtin_index()
        names = [topic.topic_id for topic in self._index.topics]
        self._asks = [
            self._read(text, names.index(topic), screener, encoder)  # type: ignore[arg-type]  # ids are strings
            for text, topic in posts
        ]
        self._truth = np.array([ask.topic for ask in self._asks])

    def measure(self) -> list[TopicRow]:
        """Return a row for each kind of evidence alone, for all, and for one-line topics."""
        rows = [self._row(name, softmax_rows(values)) for name, values in self._evidence().items()]
        everything = [
            list(self._index.weigh(ask.hits, ask.linear, ask.reading).values())
            for ask in self._asks
        ]
        rows.append(self._row("all, built-in topics", np.array(everything)))
        rows += [self._row(f"one line each, {lang}", self._one_line(lang)) for lang in LANGUAGES]
        return rows

    def fit(self) -> dict[str, dict[str, float]]:
        """Return the weights of the built-in topics that make the truth likeliest."""
        evidence = self._evidence()
        fast = {name: evidence[name] for name in ("lexical", "linear")}
        fitted = {"fast": self._fit(fast)}
        if len(evidence) > len(fast):
            fitted["read"] = self._fit(evidence)
        return fitted

    def _read(self, text: str, topic: int, screener: Screener, encoder: Encoder | None) -> _Ask:
        analysis = screener.analyse(normalise(text))
        linear = screener.topic_shares(screener.screen(analysis))
        reading = None
        if encoder is not None:
            opinion = encoder.read(analysis.normal.text, analysis.asking)
            shares = softmax(opinion.topics).tolist()
            known = dict(zip(encoder.manifest.topics, shares, strict=True))
            reading = Reading(known, opinion.vector, encoder)
        return _Ask(topic, analysis, linear, reading, self._index.find(analysis))

    def _evidence(self) -> dict[str, _F64]:
        """Return (asks, topics) log-odds of each kind of evidence."""
        rows = [self._index.evidence(ask.hits, ask.linear, ask.reading) for ask in self._asks]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def _one_line(self, lang: str) -> _F64:
        index = TopicIndex([pack.to_line(lang) for pack in read_packs()])
        names = [topic.topic_id for topic in index.topics]
        rows = []
        for ask in self._asks:
            fields = self._index.weigh(ask.hits, ask.linear, ask.reading)
            found = index.score(index.find(ask.analysis), fields, b2b=1.0, reading=ask.reading)
            known = {score.topic_id: score.probability for score in found}
            rows.append([known.get(name, 0.0) for name in names])
        return np.array(rows)

    def _row(self, name: str, shares: _F64) -> TopicRow:
        order = np.argsort(-shares, axis=1, kind="stable")
        right = order[:, 0] == self._truth
        sure = shares.max(axis=1) >= 0.5
        return TopicRow(
            name=name,
            first=float(right.mean()),
            in_three=float((order[:, :3] == self._truth[:, None]).any(axis=1).mean()),
            sure=float(sure.mean()),
            sure_right=float(right[sure].mean()) if sure.any() else 0.0,
        )

    def _fit(self, evidence: dict[str, _F64]) -> dict[str, float]:
        """Climb the likelihood of a conditional logit with one weight for each kind."""
        parts = np.stack(list(evidence.values()))
        weights = np.full(len(parts), 0.5)
        places = np.arange(len(self._truth))
        moment, speed = np.zeros_like(weights), np.zeros_like(weights)
        for step in range(1, _STEPS + 1):
            shares = softmax_rows(np.tensordot(weights, parts, 1))
            told = parts[:, places, self._truth] - (parts * shares).sum(axis=2)
            slope = told.mean(axis=1) - _RIDGE * weights
            moment = 0.9 * moment + 0.1 * slope
            speed = 0.999 * speed + 0.001 * slope**2
            size = np.sqrt(speed / (1 - 0.999**step)) + 1e-9
            weights = weights + _RATE * moment / (1 - 0.9**step) / size
        return {name: round(float(each), 2) for name, each in zip(evidence, weights, strict=True)}


def softmax_rows(scores: _F64) -> _F64:
    """Return shares; each row sums to 1."""
    return np.asarray(np.exp(log_softmax(scores.astype(np.float32))), dtype=np.float64)


def format_rows(rows: Sequence[TopicRow]) -> str:
    """Return the rows as a table for a terminal."""
    lines = [f"{'evidence':<26}{'first':>7}{'three':>7}{'>= 0.5':>8}{'right':>7}"]
    lines += [
        f"{row.name:<26}{row.first:>7.3f}{row.in_three:>7.3f}{row.sure:>8.2f}{row.sure_right:>7.3f}"
        for row in rows
    ]
    return "\n".join(lines)


def read_asks(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Return (text, topic id) of the asks in labelled files.

    Raises:
        ConfigurationError: A file cannot be read; the message names the lines.
    """
    return [
        (post.text, post.topic)
        for path in paths
        for post in read_measured(path)
        if post.intent in ASKS and post.topic
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of the files, and the weights when asked for them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="labelled *.jsonl")
    parser.add_argument("--model", type=Path, default=packaged_model_dir(), help="model folder")
    parser.add_argument("--encoder", type=Path, help="folder of the encoder; default the model's")
    parser.add_argument("--fit", action="store_true", help="print the weights that suit best")
    options = parser.parse_args(arguments)
    folder = options.encoder or options.model
    screener = Screener(read_model(options.model), PatternSet.read(resource_path("patterns")))
    encoder = read_encoder(folder) if has_encoder(folder) else None
    bench = TopicBench(read_asks(options.files), screener, encoder)
    sys.stdout.write(format_rows(bench.measure()) + "\n")
    if options.fit:
        sys.stdout.write(f"{bench.fit()}\n")


if __name__ == "__main__":
    main()
