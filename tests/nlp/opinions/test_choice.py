"""The second reader that the settings name."""

from pathlib import Path

import numpy as np
import pytest

from askwatch.clock import ManualClock
from askwatch.errors import ConfigurationError
from askwatch.settings import Settings
from nlp.opinions import make_second_reader
from tests.nlp.opinions.networks import write_folder
from tests.nlp.opinions.test_spacy_pipeline import make_pipeline


def test_by_default_there_is_none(clock: ManualClock) -> None:
    assert make_second_reader(Settings(), clock=clock) is None


def test_each_kind_is_made_from_its_setting(clock: ManualClock, tmp_path: Path) -> None:
    make_pipeline().to_disk(tmp_path / "pipeline")
    write_folder(tmp_path / "encoder", ["[UNK]", "we"], np.eye(2, dtype=np.float32))
    for value, name in {
        "openai:http://127.0.0.1:9/v1": "openai:m",
        f"spacy:{tmp_path / 'pipeline'}": "spacy:xx_tiny-1.2.0",
        f"sentence-transformer:{tmp_path / 'encoder'}": "sentence-transformer:encoder",
    }.items():
        second = make_second_reader(
            Settings(second_opinion=value, second_opinion_model="m", second_opinion_share=0.3),
            clock=clock,
        )
        assert second is not None
        assert (second.name, second.share) == (name, 0.3)
        second.close()


@pytest.mark.parametrize("value", ["", "spacy", "spacy:", "http://me:hush@a/v1", "gpt:x"])
def test_what_is_no_reader_is_refused_without_repeating_it(value: str, clock: ManualClock) -> None:
    with pytest.raises(ConfigurationError, match="ASKWATCH_SECOND_OPINION: must be") as caught:
        make_second_reader(Settings(second_opinion=value), clock=clock)
    assert "hush" not in str(caught.value)


def test_a_band_without_width_is_refused(clock: ManualClock) -> None:
    settings = Settings(second_opinion="spacy:x", second_opinion_from=0.9)
    with pytest.raises(ConfigurationError, match="ASKWATCH_SECOND_OPINION_FROM"):
        make_second_reader(settings, clock=clock)


def test_the_settings_show_no_secret() -> None:
    settings = Settings(second_opinion="openai:http://u:p4ss@h/v1", second_opinion_api_key="k3y")
    assert "p4ss" not in repr(settings)
    assert "k3y" not in repr(settings)


def test_mappings_come_from_the_environment_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKWATCH_SECOND_OPINION_LABELS", '{"BUY": "vendor_request"}')
    monkeypatch.setenv("ASKWATCH_SECOND_OPINION_BODY", '{"max_tokens": null}')
    settings = Settings.load()
    assert settings.second_opinion_labels == {"BUY": "vendor_request"}
    assert settings.second_opinion_body == {"max_tokens": None}
