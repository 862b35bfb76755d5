"""What a company's configuration makes of the packaged model's answers."""

import json
from pathlib import Path

import pytest

from askwatch.model.adaptation import Adaptation, Layer
from askwatch.model.lead import Lane
from nlp.configured import Configuration, ConfiguredUnderstander

GOLDEN = Path(__file__).parent / "golden"
HAIR = Configuration(adaptation=Adaptation(layer=Layer(bias=1e-4)), version=1)


@pytest.fixture(scope="module")
def configured() -> ConfiguredUnderstander:
    return ConfiguredUnderstander()


@pytest.mark.parametrize("lang", ["en", "da", "de"])
def test_a_hair_of_an_adaptation_moves_no_post_to_another_lane(
    configured: ConfiguredUnderstander, lang: str
) -> None:
    lines = (GOLDEN / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines[:120]]
    before = configured.understand(texts, Configuration())
    after = configured.understand(texts, HAIR)
    assert {Lane.ALERT, Lane.REVIEW, Lane.NONE} == {each.lane for each in before}
    assert [each.lane for each in after] == [each.lane for each in before]


def test_thresholds_of_a_configuration_stand_before_those_of_a_language(
    configured: ConfiguredUnderstander,
) -> None:
    text = "Can anyone recommend a good bookkeeper for our company in Leeds?"
    (as_shipped,) = configured.understand([text], Configuration())
    (stricter,) = configured.understand([text], Configuration(alert=0.9999))
    assert (as_shipped.lane, stricter.lane) == (Lane.ALERT, Lane.REVIEW)


def test_the_bare_name_of_a_task_is_held_for_a_look(configured: ConfiguredUnderstander) -> None:
    (task,) = configured.understand(["React developer, two weeks"], Configuration())
    (ask,) = configured.understand(["We are hiring a React developer"], Configuration())
    assert (task.may_alert, ask.may_alert) == (False, True)
    assert task.lane is not Lane.ALERT


def test_the_bare_name_of_a_product_is_held_for_a_look(
    configured: ConfiguredUnderstander,
) -> None:
    texts = ["Serverless login proxy for AWS", "A good serverless login proxy for AWS?"]
    title, ask = configured.understand(texts, Configuration())
    assert (title.may_alert, ask.may_alert) == (False, True)
