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
from nlp.opinions import SecondReader
from nlp.pipeline import JUDGING, WordTokenizer, build_pipeline, load_parts, set_judgement
from nlp.screening import Screening
from nlp.topics import TopicIndex

_DIGITS = 5
# What a post that the gate drops is said to be: random posts of that kind hold fewer asks still.
_DROPPED_ASK = 0.001


class Understander:
    """A loaded language stage. Use it from one thread; a process has one.

    A post's understanding depends on its text, the topics and the model alone: it is the same in
    every batch. Any text is taken; what is beyond 20 000 characters is not read.
    """

    def __init__(
        self, model_dir: Path | None = None, *, second: SecondReader | None = None
    ) -> None:
        """Load the model in `model_dir`, by default the packaged one.

        `second` reads again what that leaves unsure; what it says may differ from time to time.

        Raises:
            ConfigurationError: It is missing, damaged or of another version.
        """
        folder = model_dir or packaged_model_dir()
        self._pipeline = build_pipeline(folder)
        parts = load_parts(str(folder))
        self._tokenizer = WordTokenizer(self._pipeline.vocab, parts.screener)
        self._screener, self._judge = parts.screener, parts.judge
        self._gate, self._second = parts.model.gate, second
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
            read = [
                self._read(text, topics, is_complete, on) if is_open else self._dropped
                for text, on, is_open in zip(texts, dates, opened, strict=True)
            ]
            if self._second is not None:
                self._reconsider([each for each in read if isinstance(each, Doc)], self._second)
            return [self._finish(each) if isinstance(each, Doc) else each for each in read]

    def _read(
        self, text: str, topics: TopicIndex | None, is_complete: bool, posted_on: date | None
    ) -> Doc | Understanding:
        """Return the Doc of a post that is still open, judged; what is understood of others."""
        analysis = self._screener.analyse(normalise(text))
        screening = self._screener.screen(analysis)
        if not (is_complete or self._is_open(screening)):
            return _read_judgement(self._judge.settle(screening), self._name)
        doc = self._tokenizer.make(analysis)
        doc._.is_complete = is_complete
        doc._.screening = screening
        doc._.active_topics = topics
        doc._.posted_on = posted_on
        for _, component in self._pipeline.pipeline[:JUDGING]:
            doc = component(doc)
        return doc

    def _is_open(self, screening: Screening) -> bool:
        if self._judge.is_open(screening):
            return True
        second = self._second
        return second is not None and self._judge.is_unsure(self._judge.settle(screening), second)

    def _reconsider(self, docs: Sequence[Doc], second: SecondReader) -> None:
        """Let the second reader read all unsure posts of a batch side by side."""
        unsure = [doc for doc in docs if self._judge.is_unsure(doc._.judgement, second)]
        opinions = second.ask([doc._.analysis.normal.text for doc in unsure])
        for doc, opinion in zip(unsure, opinions, strict=True):
            if opinion is not None:
                set_judgement(
                    doc, self._judge.reconsider(doc._.judgement, opinion, second, doc._.lang)
                )

    def _finish(self, doc: Doc) -> Understanding:
        for _, component in self._pipeline.pipeline[JUDGING:]:
            doc = component(doc)
        second = doc._.judgement.second
        return _read_doc(doc, f"{self._name}+{second}" if second else self._name)


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
        may_alert=doc._.may_alert,
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
