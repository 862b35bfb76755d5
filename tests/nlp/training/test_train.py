"""Training on a small corpus, from files to a model that understands."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.model import ARRAYS, read_model
from nlp.training.configuration import default_configuration_path, read_configuration
from nlp.training.copies import group_copies
from nlp.training.train import train
from nlp.understand import Understander

THINGS = ["accountant", "crm", "web host", "lawyer", "printer", "courier", "roofer", "tutor"]
KINDS = {
    "vendor_request": "Can anyone recommend a good {} for our company?",
    "candidate_search": "We are hiring a {} specialist, apply now with your CV",
    "help_question": "How do I update the {} on my old laptop?",
    "complaint": "My {} is the worst, never again",
    "job_seeking": "I am a {} expert, open to work and looking for a job",
    "promotion": "Check out our new {} service, sign up today",
    "other": "The {} was mentioned in the news this morning",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    topics = ["accounting_finance", "crm_sales"]
    posts = [
        {
            "id": f"{intent}-{number}",
            "text": text.format(thing),
            "lang": "en",
            "intent": intent,
            "b2b": number % 4 != 0,
            "topic": topics[number % 2],
        }
        for intent, text in KINDS.items()
        for number, thing in enumerate(THINGS)
    ]
    (folder / "a.jsonl").write_bytes(b"".join(orjson.dumps(post) + b"\n" for post in posts))
    return folder


def test_a_model_is_trained_told_of_and_used(corpus: Path, tmp_path: Path) -> None:
    told: list[float] = []
    report = train(corpus, tmp_path / "m", on_progress=lambda _what, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert report.posts == 56
    assert report.name.startswith("askwatch-linear-")
    assert (tmp_path / "m" / "card.md").read_text(encoding="utf-8") == report.card
    assert "vendor_request" in report.card
    understander = Understander(tmp_path / "m")
    (understood,) = understander.understand(
        ["Can anyone recommend a good painter for our company?"], is_complete=True
    )
    assert understood.intent is Intent.VENDOR_REQUEST
    assert understood.model == report.name


def test_the_same_seed_gives_the_same_model(corpus: Path, tmp_path: Path) -> None:
    first, second = (train(corpus, tmp_path / name, seed=3) for name in "ab")
    assert first == second
    assert (tmp_path / "a" / ARRAYS).read_bytes() == (tmp_path / "b" / ARRAYS).read_bytes()
    weights = read_model(tmp_path / "a").arrays.weights
    assert np.isfinite(weights).all()


def test_too_few_posts_are_refused(tmp_path: Path) -> None:
    post = {"id": "1", "text": "a", "lang": "en", "intent": "other", "b2b": False}
    (tmp_path / "a.jsonl").write_bytes(orjson.dumps(post))
    with pytest.raises(ConfigurationError, match="too few to learn from"):
        train(tmp_path, tmp_path / "m")


def test_a_wrong_configuration_names_the_value(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    text = default_configuration_path().read_text(encoding="utf-8")
    path.write_text(text.replace("folds = 5", "folds = 1"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"validation\.folds"):
        read_configuration(path)
    path.write_text("[", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"c\.toml: cannot be read"):
        read_configuration(path)


def test_copies_are_one_group() -> None:
    text = "we need a new till system for three shops that works with our scales and the books"
    groups = group_copies([text, f"{text} https://example.org", "something else entirely"])
    assert groups[0] == groups[1] != groups[2]
