"""Any spaCy pipeline that says something of intents."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.model import INTENTS
from nlp.opinions.base import NoOpinionError
from nlp.opinions.spacy_pipeline import SpacyReader, read_spacy_reader


def categorise(doc: Doc) -> Doc:
    """Say what the text says, for instance "BUY=0.9"."""
    if doc.text == "fall":
        raise ZeroDivisionError
    for word in doc.text.split():
        name, _, value = word.partition("=")
        if value:
            doc.cats[name] = float(value)
    if doc.text.startswith("Can anyone"):
        doc.cats = {"BUY": 0.9, "vendor_request": 0.1}
    return doc


def mute(doc: Doc) -> Doc:
    return doc


Language.component("test_second_opinion_categorise", func=categorise)
Language.component("test_second_opinion_mute", func=mute)


def make_pipeline(component: str = "test_second_opinion_categorise") -> Language:
    pipeline = spacy.blank("xx", meta={"name": "tiny", "version": "1.2.0"})
    pipeline.add_pipe(component)
    return pipeline


def read(text: str, labels: Mapping[str, str]) -> dict[Intent, float]:
    opinion = SpacyReader(make_pipeline(), labels).read(text)
    return dict(zip(INTENTS, np.exp(opinion.intents).tolist(), strict=True))


def test_categories_named_like_ours_are_taken() -> None:
    found = read("vendor_request=0.7 help_question=0.2 unheard=0.9", {})
    assert found[Intent.VENDOR_REQUEST] == pytest.approx(0.7, abs=1e-3)
    assert found[Intent.HELP_QUESTION] == pytest.approx(0.2, abs=1e-3)


def test_others_are_taken_by_the_mapping_and_add_up() -> None:
    found = read("BUY=0.4 RENT=0.3", {"BUY": "vendor_request", "RENT": "vendor_request"})
    assert found[Intent.VENDOR_REQUEST] == pytest.approx(0.7, abs=1e-3)


def test_b2b_is_taken_where_it_is_there() -> None:
    reader = SpacyReader(make_pipeline(), {})
    assert reader.read("other=0.9").b2b is None
    assert reader.read("other=0.9 b2b=0.25").b2b == 0.25


def test_a_saved_pipeline_is_loaded_from_its_folder(tmp_path: Path) -> None:
    make_pipeline().to_disk(tmp_path / "tiny")
    reader = read_spacy_reader(str(tmp_path / "tiny"), {"BUY": "vendor_request"})
    assert reader.name == "spacy:xx_tiny-1.2.0"
    assert reader.read("BUY=0.9").intents[INTENTS.index(Intent.VENDOR_REQUEST)] > -0.2
    reader.close()


@pytest.mark.parametrize("text", ["nothing", "unheard=0.5", "vendor_request=nan"])
def test_a_text_without_our_categories_has_no_opinion(text: str) -> None:
    with pytest.raises(NoOpinionError) as caught:
        read(text, {})
    assert (caught.value.reason, caught.value.is_fault) == ("unusable", False)


def test_a_component_that_falls_gives_no_opinion() -> None:
    with pytest.raises(NoOpinionError) as caught:
        read("fall", {})
    assert (caught.value.reason, caught.value.is_fault) == ("failed", False)


def test_a_pipeline_without_our_categories_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\(none\).*ASKWATCH_SECOND_OPINION_LABELS"):
        SpacyReader(make_pipeline("test_second_opinion_mute"), {})


def test_a_mapping_to_an_intent_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'BUY' is mapped to 'shopping'"):
        SpacyReader(make_pipeline(), {"BUY": "shopping"})


def test_a_pipeline_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="spaCy cannot load 'xx_nowhere'"):
        read_spacy_reader("xx_nowhere", {})
