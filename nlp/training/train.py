"""Trains the language model from a folder of corpus files; the same seed gives the same model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from askwatch.errors import ConfigurationError
from nlp.encoder import Encoder, has_encoder, read_encoder
from nlp.model import Arrays, Manifest, Thresholds, write_model
from nlp.topics import builtin_topics
from nlp.training.card import Card, write_card
from nlp.training.configuration import TrainingConfiguration, read_configuration
from nlp.training.copies import group_copies
from nlp.training.corpus import LabelledPost, hash_posts, read_corpus
from nlp.training.gate_training import TrainedGate, train_gate
from nlp.training.heads import Heads, Labels, fit_heads, split_folds
from nlp.training.matrix import Reader, build_matrix, build_vocabulary
from nlp.training.mixing import (
    ANY,
    Seen,
    first_look_probabilities,
    fit_first_look,
    fit_mixes,
    see,
)
from nlp.training.roughen import roughen
from nlp.training.validation import Validation, choose_thresholds, keep_recall

VERSION = 1
_FEWEST_POSTS = 40
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What came of a training; `card` is the text of card.md in the model's folder."""

    name: str
    posts: int
    corpus_hash: str
    features: int
    size_bytes: int
    thresholds: Thresholds
    gate_recall: float
    gate_passed: float
    card: str


def train(
    corpus_dir: Path,
    out_dir: Path,
    *,
    seed: int = 1,
    on_progress: Progress | None = None,
    configuration: Path | None = None,
) -> TrainingReport:
    """Train on every *.jsonl file in `corpus_dir` and write model and card to `out_dir`.

    `on_progress` is called with what is being done and the share done in [0, 1].

    Raises:
        CorpusError: A line of the corpus is wrong.
        ConfigurationError: Too few posts, or the configuration is wrong.
    """
    tell = on_progress or _tell_nobody
    settings = read_configuration(configuration)
    tell("read the corpus", 0.0)
    posts = sorted(read_corpus(corpus_dir), key=lambda post: post.id)
    if len(posts) < _FEWEST_POSTS or len({post.is_ask for post in posts}) < 2:
        raise ConfigurationError(
            f"{corpus_dir}: {len(posts)} posts are too few to learn from: it takes "
            f"{_FEWEST_POSTS} at least, asks and others among them"
        )
    return _Training(posts, settings, seed, tell).run(out_dir)


class _Training:
    """The steps, in order, with what they share."""

    def __init__(
        self,
        posts: Sequence[LabelledPost],
        settings: TrainingConfiguration,
        seed: int,
        tell: Progress,
    ) -> None:
        self._posts, self._settings, self._seed, self._tell = posts, settings, seed, tell
        self._texts = [post.text for post in posts]
        self._labels = Labels.of(posts, [topic.topic_id for topic in builtin_topics()])
        tell("look for copies", 0.02)
        groups = group_copies(self._texts)
        self._folds = split_folds(self._labels, groups, settings.validation.folds, seed=seed)
        tell("read features", 0.05)
        reader = Reader()
        plain = reader.read(self._texts)
        rough = reader.read([roughen(text) for text in self._texts])
        self._vocabulary = build_vocabulary(plain, settings.features)
        self._plain = build_matrix(plain, self._vocabulary)
        self._rough = build_matrix(rough, self._vocabulary)

    def run(self, out_dir: Path) -> TrainingReport:
        validation = self._validate()
        ask_share = self._settings.calibration.ask_share
        ask, b2b = validation.calibrate_ask(ask_share), validation.calibrate_b2b()
        self._tell("train the gate", 0.75)
        gate = train_gate(self._posts, self._folds, self._settings.gate, seed=self._seed)
        self._tell("fit on all posts", 0.8)
        arrays = self._make_arrays(self._fit(np.arange(len(self._posts))), gate)
        corpus_hash = hash_posts(self._posts)
        manifest = Manifest(
            name=f"askwatch-linear-{VERSION}-{corpus_hash[:8]}",
            corpus_hash=corpus_hash,
            seed=self._seed,
            posts=len(self._posts),
            topics=self._labels.topic_names,
            thresholds=choose_thresholds(
                validation.probabilities(ask), validation.is_ask, self._settings.thresholds
            ),
            ask=ask,
            b2b=b2b,
            gate=gate.numbers,
        )
        seen = None
        if has_encoder(out_dir):
            encoder = read_encoder(out_dir)
            seen = self._see(encoder, validation)
            manifest = self._join(manifest, encoder, seen, validation)
        self._tell("write model and card", 0.95)
        write_model(out_dir, manifest, arrays)
        card = write_card(out_dir, Card(manifest, validation, gate, len(arrays.ids), seen))
        self._tell("done", 1.0)
        return TrainingReport(
            name=manifest.name,
            posts=len(self._posts),
            corpus_hash=corpus_hash,
            features=len(arrays.ids),
            size_bytes=sum(path.stat().st_size for path in out_dir.iterdir() if path.is_file()),
            thresholds=manifest.thresholds,
            gate_recall=gate.recall,
            gate_passed=gate.passed,
            card=card,
        )

    def _see(self, encoder: Encoder, validation: Validation) -> Seen:
        """Return what both parts say of the posts that were kept from the encoder."""
        kept = set(encoder.manifest.held_out)
        rows = [row for row, post in enumerate(self._posts) if post.id in kept]
        if len(rows) < _FEWEST_POSTS:
            raise ConfigurationError(
                f"only {len(rows)} posts of the corpus were kept from the encoder's training, "
                f"{_FEWEST_POSTS} are needed: train it again on this corpus"
            )
        return see(
            [self._posts[row] for row in rows],
            validation.scores[rows],
            encoder,
            lambda share: self._tell("read with the encoder", 0.85 + 0.1 * share),
        )

    def _join(
        self, manifest: Manifest, encoder: Encoder, seen: Seen, validation: Validation
    ) -> Manifest:
        """Return the manifest of both parts together."""
        settings = self._settings
        mixes = fit_mixes(seen, settings.calibration, settings.lanes)
        wanted = settings.thresholds
        band = keep_recall(
            validation.probabilities(manifest.ask), validation.is_ask, wanted.band_recall
        )
        first_look = fit_first_look(seen)
        look = keep_recall(
            first_look_probabilities(seen, first_look), seen.is_ask, wanted.look_recall
        )
        return replace(
            manifest,
            name=f"{manifest.name}+{encoder.manifest.name.removeprefix('askwatch-')}",
            thresholds=replace(
                manifest.thresholds,
                band=round(band, 4),
                look=round(look, 5),
                vendor=wanted.mixed_vendor,
                candidate=wanted.mixed_candidate,
                review=mixes[ANY].review,
                alert=mixes[ANY].alert,
            ),
            first_look=first_look,
            mixes=mixes,
            encoder=encoder.manifest.name,
        )

    def _validate(self) -> Validation:
        heads_total = 0
        rows_and_scores = []
        for number, (train_rows, test_rows) in enumerate(self._folds):
            self._tell("cross-validate", 0.1 + 0.65 * number / len(self._folds))
            heads = self._fit(train_rows)
            heads_total = len(heads.bias)
            rows_and_scores.append((test_rows, heads.apply(self._plain[test_rows])))
        scores = np.zeros((len(self._posts), heads_total))
        for rows, values in rows_and_scores:
            scores[rows] = values
        return Validation(self._posts, scores)

    def _fit(self, rows: NDArray[np.int64]) -> Heads:
        """Fit on `rows` and on their roughened copies."""
        matrix = csr_matrix(vstack([self._plain[rows], self._rough[rows]], format="csr"))
        twice = np.concatenate([rows, rows])
        labels = Labels(
            self._labels.intents[twice],
            self._labels.b2b[twice],
            self._labels.topics[twice],
            self._labels.topic_names,
            self._labels.is_hard[twice],
        )
        copy_weight = self._settings.augmentation.weight
        weights = np.concatenate([np.ones(len(rows)), np.full(len(rows), copy_weight)])
        return fit_heads(
            matrix,
            labels,
            weights,
            self._settings.heads,
            hashed=len(self._vocabulary.ids),
            seed=self._seed,
        )

    def _make_arrays(self, heads: Heads, gate: TrainedGate) -> Arrays:
        hashed = len(self._vocabulary.ids)
        return Arrays(
            ids=self._vocabulary.ids,
            idf=self._vocabulary.idf,
            weights=(heads.weights[:hashed] * self._vocabulary.block_weights).astype(np.float32),
            dense_weights=heads.weights[hashed:].astype(np.float32),
            dense_scale=self._vocabulary.dense_scale,
            bias=heads.bias.astype(np.float32),
            gate=gate.weights,
        )


def _tell_nobody(_what: str, _share: float) -> None:
    return
