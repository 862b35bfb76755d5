"""Understands posts in batches: gate, light path, and the spaCy pipeline for what may be a lead."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from spacy.tokens import Doc

from askwatch.model.lead import Intent, Lane, Understanding
from askwatch.model.topic import Topic
from nlp.judge import Judgement
from nlp.language import UNKNOWN
from nlp.model import ASKS, INTENTS, packaged_model_dir
from nlp.normalise import lighten, normalise
from nlp.pipeline import WordTokenizer, build_pipeline, load_parts
from nlp.topics import TopicIndex

_DIGITS = 5
# What a post that the gate drops is said to be: random posts of that kind hold fewer asks still.
_DROPPED_ASK = 0.001


class Understander:
    """A loaded language stage. Use it from one thread; a process has one.

    A post's understanding depends on its text, the topics and the model alone: it is the same in
    every batch. Any text is taken; what is beyond 20 000 characters is not read.
    """

    def __init__(self, model_dir: Path | None = None) -> None:
        """Load the model in `model_dir`, by default the packaged one.

        Raises:
            ConfigurationError: It is missing, damaged or of another version.
        """
        folder = model_dir or packaged_model_dir()
        self._pipeline = build_pipeline(folder)
        parts = load_parts(str(folder))
        self._tokenizer = WordTokenizer(self._pipeline.vocab, parts.screener)
        self._screener, self._judge = parts.screener, parts.judge
        self._gate = parts.model.gate
        self._name = parts.model.manifest.name
        self._dropped = _make_dropped(self._name)

    @property
    def model_name(self) -> str:
        """The name and version that every understanding carries."""
        return self._name

    def understand(
        self,
        texts: Sequence[str],
        *,
        topics: TopicIndex | None = None,
        is_complete: bool = False,
        posted_on: Sequence[date | None] | None = None,
    ) -> list[Understanding]:
        """Return what is understood of each text, in order.

        `topics` None: the built-in ones are active. A post that the gate drops is `other`, and
        posts that are no leads get no language, unless `is_complete` asks for the whole of every
        post. `posted_on`, one for each text, resolves dates like "next week".
        """
        dates = posted_on if posted_on is not None else [None] * len(texts)
        opened = [True] * len(texts) if is_complete else self._gate.open(list(map(lighten, texts)))
        # What the posts of a batch add to spaCy's vocabulary is forgotten with the batch.
        with self._pipeline.memory_zone():
            return [
                self._understand_one(text, topics, is_complete, on) if is_open else self._dropped
                for text, on, is_open in zip(texts, dates, opened, strict=True)
            ]

    def _understand_one(
        self, text: str, topics: TopicIndex | None, is_complete: bool, posted_on: date | None
    ) -> Understanding:
        analysis = self._screener.analyse(normalise(text))
        screening = self._screener.screen(analysis)
        if not (is_complete or self._judge.is_open(screening)):
            return _read_judgement(self._judge.settle(screening), self._name)
        doc = self._tokenizer.make(analysis)
        doc._.is_complete = is_complete
        doc._.screening = screening
        doc._.active_topics = topics
        doc._.posted_on = posted_on
        for _, component in self._pipeline.pipeline:
            doc = component(doc)
        return _read_doc(doc, self._name)


def index_topics(topics: Sequence[Topic]) -> TopicIndex | None:
    """Return the company's active topics ready for `understand`; None when there are none."""
    index = TopicIndex(topics)
    return index if index.topics else None


def _read_doc(doc: Doc, model: str) -> Understanding:
    return Understanding(
        lang=doc._.lang,
        intent=doc._.intent,
        probability=round(doc._.probability, _DIGITS),
        probabilities=_rounded(doc._.probabilities),
        b2b_probability=round(doc._.b2b_probability, _DIGITS),
        lane=doc._.lane,
        topics=doc._.topics,
        entities=doc._.entities,
        reasons=doc._.reasons,
        urgency="high" if doc._.is_urgent else "normal",
        value=doc._.value,
        value_terms=doc._.value_terms or {},
        signature=doc._.signature,
        vector=doc._.vector,
        model=model,
    )


def _read_judgement(judgement: Judgement, model: str) -> Understanding:
    return Understanding(
        lang=UNKNOWN,
        intent=judgement.intent,
        probability=round(judgement.ask, _DIGITS),
        probabilities=_rounded(judgement.probabilities),
        b2b_probability=round(judgement.b2b, _DIGITS),
        lane=Lane.NONE,
        model=model,
    )


def _rounded(probabilities: Mapping[Intent, float]) -> dict[Intent, float]:
    return {intent: round(value, _DIGITS) for intent, value in probabilities.items()}


def _make_dropped(model: str) -> Understanding:
    rest = (1 - _DROPPED_ASK) / (len(INTENTS) - len(ASKS))
    return Understanding(
        lang=UNKNOWN,
        intent=Intent.OTHER,
        probability=_DROPPED_ASK,
        probabilities={i: _DROPPED_ASK / len(ASKS) if i in ASKS else rest for i in INTENTS},
        b2b_probability=0.0,
        lane=Lane.NONE,
        model=model,
    )
