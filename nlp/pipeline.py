"""Builds the spaCy pipeline: every step behind the gate is a component that writes on the Doc.

`pipeline(text)` gives a Doc with `doc._.intent`, `doc._.topics`, `doc._.entities`,
`doc._.reasons` and the other attributes of `_ATTRIBUTES`. Places in them are code points of the
text that was given, while the Doc itself holds the normalised text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import spacy
from spacy.attrs import (  # type: ignore[import-not-found]  # compiled, without stubs
    IS_ALPHA,
    IS_DIGIT,
    IS_PUNCT,
    IS_SPACE,
    LOWER,
    NORM,
)
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Lane
from askwatch.model.value import weigh_terms
from nlp.analysis import LONGEST_ANALYSED, Analysis
from nlp.encoder import Encoder, read_encoder
from nlp.entities import EntityFinder
from nlp.intent import likelier_ask, softmax
from nlp.judge import Judge, Judgement
from nlp.lanes import choose_lane, hold_back, may_alert
from nlp.language import UNKNOWN, LanguageGuesser
from nlp.model import Model, read_model
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.reasons import ReasonFinder
from nlp.resources import resource_path
from nlp.screening import Screener
from nlp.signature import Signer
from nlp.topics import Reading, TopicIndex, builtin_index
from nlp.value import is_urgent, rate_terms

COMPONENTS = ("language", "intent", "topics", "entities", "value", "lane", "reasons", "signature")
# The steps up to the judgement: after them a second reader may be asked.
JUDGING = COMPONENTS.index("intent") + 1
_ATTRIBUTES: dict[str, Any] = {
    "is_complete": True,
    "analysis": None, "screening": None, "judgement": None,
    "active_topics": None, "posted_on": None,
    "lang": UNKNOWN, "intent": None,
    "probability": 0.0, "probabilities": None, "b2b_probability": 0.0, "topics": (),
    "topic_hits": (), "entities": (), "reasons": (), "is_urgent": False, "value": 0.0,
    "value_terms": None,
    "lane": Lane.NONE, "may_alert": True, "signature": (), "vector": (),
}  # fmt: skip
_TOKEN = re.compile(r"[^\W_]+(?:[-'/&][^\W_]+)*|\s+|[\W_]")
# A text of rare signs has a new word at every place, each asked for all its attributes: whether
# it looks like an address takes longer than all the rest. Behind so many pieces all is one word.
_WORD_ATTRIBUTES = (LOWER, NORM, IS_ALPHA, IS_DIGIT, IS_PUNCT, IS_SPACE)
_MOST_PIECES = 6_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What the components share: loaded once for a model folder."""

    model: Model
    screener: Screener
    judge: Judge
    guesser: LanguageGuesser
    entities: EntityFinder
    signer: Signer
    builtin: TopicIndex

    def topic_shares(self, judgement: Judgement) -> dict[str, float]:
        """Return what the linear model thinks of the built-in topics; the shares sum to 1."""
        return self.screener.topic_shares(judgement.screening)

    def reading(self, judgement: Judgement) -> Reading | None:
        """Return what the encoder made of a post's topic; None where it was not asked."""
        encoder, opinion = self.judge.encoder, judgement.opinion
        if encoder is None or opinion is None:
            return None
        shares = softmax(opinion.topics).tolist()
        names = encoder.manifest.topics
        return Reading(dict(zip(names, shares, strict=True)), opinion.vector, encoder)


@cache
def load_parts(model_dir: str) -> Parts:
    """Return the parts of the model in `model_dir`, loaded once in a process.

    Raises:
        ConfigurationError: The model or a resource is missing or damaged.
    """
    folder = Path(model_dir)
    model = read_model(folder)
    return Parts(
        model=model,
        screener=Screener(model, PatternSet.read(resource_path("patterns"))),
        judge=Judge(model, _read_encoder_of(model, folder)),
        guesser=LanguageGuesser(),
        entities=EntityFinder(),
        signer=Signer(),
        builtin=builtin_index(),
    )


def _read_encoder_of(model: Model, folder: Path) -> Encoder | None:
    """Return the encoder that the model was fitted with; None for a model of the fast part."""
    if not model.manifest.mixes:
        return None
    encoder = read_encoder(folder)
    if encoder.manifest.name != model.manifest.encoder:
        raise ConfigurationError(
            f"{folder}: the model was fitted with {model.manifest.encoder}, not with "
            f"{encoder.manifest.name}: run 'askwatch train' again"
        )
    return encoder


def build_pipeline(model_dir: Path) -> Language:
    """Return a blank multilingual pipeline with all components on it.

    Raises:
        ConfigurationError: The model or a resource is missing or damaged.
    """
    _register()
    parts = load_parts(str(model_dir))
    pipeline = spacy.blank("xx")
    vocab: Any = pipeline.vocab  # spaCy's stubs do not know the attribute
    vocab.lex_attr_getters = {each: vocab.lex_attr_getters[each] for each in _WORD_ATTRIBUTES}
    pipeline.tokenizer = WordTokenizer(pipeline.vocab, parts.screener)
    for name in COMPONENTS:
        pipeline.add_pipe(f"askwatch_{name}", config={"model_dir": str(model_dir)})
    return pipeline


class WordTokenizer:
    """Makes a Doc of the normalised text, with its analysis on it; any text is welcome."""

    def __init__(self, vocab: Vocab, screener: Screener) -> None:
        self.vocab, self._screener = vocab, screener

    def __call__(self, text: str) -> Doc:
        return self.make(self._screener.analyse(normalise(text)))

    def make(self, analysis: Analysis) -> Doc:
        """Return the Doc of a text that is analysed already."""
        words: list[str] = []
        spaces: list[bool] = []
        pieces = _TOKEN.findall(analysis.normal.text)
        pieces[_MOST_PIECES:] = filter(None, ["".join(pieces[_MOST_PIECES:])])
        for piece in pieces:
            rest = piece
            if piece[0] == " " and words and not spaces[-1]:
                # spaCy keeps one space with the word before it; more are words of their own.
                spaces[-1] = True
                rest = piece[1:]
            if rest:
                words.append(rest)
                spaces.append(False)
        doc = Doc(self.vocab, words=words, spaces=spaces)
        doc._.analysis = analysis
        return doc


def _find_language(doc: Doc, parts: Parts) -> None:
    analysis: Analysis = doc._.analysis
    doc._.lang = parts.guesser.guess(analysis.words.lower, analysis.words.words)


def _find_intent(doc: Doc, parts: Parts) -> None:
    if doc._.screening is None:
        doc._.screening = parts.screener.screen(doc._.analysis)
    set_judgement(doc, parts.judge.judge(doc._.analysis, doc._.screening, doc._.lang))


def set_judgement(doc: Doc, judgement: Judgement) -> None:
    """Write on the Doc what is judged of the post."""
    doc._.judgement = judgement
    doc._.probability = judgement.ask
    doc._.probabilities = judgement.probabilities
    doc._.intent = judgement.intent
    doc._.b2b_probability = judgement.b2b
    doc._.vector = judgement.vector


def _find_topics(doc: Doc, parts: Parts) -> None:
    index = _index_of(doc, parts)
    doc._.topic_hits = tuple(index.find(doc._.analysis))
    trained = parts.topic_shares(doc._.judgement)
    reading = parts.reading(doc._.judgement)
    if reading is not None and not index.is_builtin:
        # A company's own topic is helped by the field that the post is of.
        trained = parts.builtin.weigh(parts.builtin.find(doc._.analysis), trained, reading)
    doc._.topics = index.score(
        doc._.topic_hits, trained, b2b=doc._.b2b_probability, reading=reading
    )


def _find_entities(doc: Doc, parts: Parts) -> None:
    doc._.entities = parts.entities.find(
        doc._.analysis,
        doc._.lang,
        intent=likelier_ask(doc._.probabilities),
        posted_on=doc._.posted_on,
    )


def _estimate_value(doc: Doc, parts: Parts) -> None:  # noqa: ARG001 - as every step
    doc._.is_urgent = is_urgent(doc._.analysis, doc._.entities)
    doc._.value_terms = rate_terms(
        b2b=doc._.b2b_probability, is_urgent_ask=doc._.is_urgent, entities=doc._.entities
    )
    doc._.value = weigh_terms(doc._.value_terms, probability=doc._.probability)


def _choose_lane(doc: Doc, parts: Parts) -> None:
    intent = likelier_ask(doc._.probabilities)
    lane = choose_lane(
        ask=doc._.probability,
        b2b=doc._.b2b_probability,
        intent=intent,
        scores=doc._.topics,
        topics=_index_of(doc, parts),
        thresholds=parts.model.manifest.thresholds_of(doc._.lang),
    )
    doc._.may_alert = may_alert(intent, doc._.lang, doc._.analysis)
    doc._.lane = hold_back(lane, may_alert=doc._.may_alert)


def _find_reasons(doc: Doc, parts: Parts) -> None:
    finder = ReasonFinder(parts.screener, parts.judge)
    doc._.reasons = finder.find(
        doc._.analysis, doc._.judgement, doc._.lang, doc._.topic_hits, _index_of(doc, parts)
    )


def _sign(doc: Doc, parts: Parts) -> None:
    words = doc._.analysis.words
    end = words.ends[LONGEST_ANALYSED - 1] if doc._.analysis.is_huge else None
    doc._.signature = parts.signer.sign(words.lower[:end])


def _index_of(doc: Doc, parts: Parts) -> TopicIndex:
    index: TopicIndex | None = doc._.active_topics
    return parts.builtin if index is None else index


_STEPS: dict[str, Callable[[Doc, Parts], None]] = {
    "language": _find_language, "intent": _find_intent, "topics": _find_topics,
    "entities": _find_entities, "value": _estimate_value, "lane": _choose_lane,
    "reasons": _find_reasons, "signature": _sign,
}  # fmt: skip
# Nobody reads what these would find in a post that is no lead, unless all of it is asked for.
_FOR_LEADS_ONLY = frozenset({"topics", "entities", "value", "lane", "reasons", "signature"})


class Component:
    """One step of the cascade as spaCy calls it."""

    def __init__(self, name: str, model_dir: str) -> None:
        self._step, self._parts = _STEPS[name], load_parts(model_dir)
        self._for_leads_only = name in _FOR_LEADS_ONLY

    def __call__(self, doc: Doc) -> Doc:
        if not self._for_leads_only or doc._.is_complete or doc._.judgement.may_be_lead:
            self._step(doc, self._parts)
        return doc


@cache
def _register() -> None:
    """Make the attributes and component names known to spaCy, once in a process."""
    for name, default in _ATTRIBUTES.items():
        Doc.set_extension(name, default=default, force=True)
    for name in COMPONENTS:
        Language.factory(
            f"askwatch_{name}", default_config={"model_dir": ""}, func=_make_factory(name)
        )


def _make_factory(step: str) -> Callable[[Language, str, str], Component]:
    def make(nlp: Language, name: str, model_dir: str) -> Component:  # noqa: ARG001 - spaCy's names
        return Component(step, model_dir)

    return make
