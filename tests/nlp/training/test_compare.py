"""Two models on the same posts."""

from pathlib import Path

import orjson
import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent, Lane, Understanding
from nlp.training.answers import Answers, read_answers
from nlp.training.compare import compare
from nlp.training.labelled_file import MeasuredPost


def make_posts(size: int) -> list[MeasuredPost]:
    """Return posts of which every second asks, in two languages."""
    return [
        MeasuredPost(
            f"p{number}", "text", "en" if number % 4 < 2 else "da",
            Intent.VENDOR_REQUEST if number % 2 else Intent.OTHER, True, None, False, "reddit",
        )
        for number in range(size)
    ]  # fmt: skip


def answer(intent: Intent) -> Understanding:
    return Understanding(
        lang="en", intent=intent, probability=0.5, probabilities={intent: 0.5},
        b2b_probability=0.5, lane=Lane.NONE, model="m",
    )  # fmt: skip


def perfect(posts: list[MeasuredPost], *, wrong: int = 0) -> list[Understanding]:
    """Return right answers, but for the asks among the first `wrong` posts."""
    return [
        answer(Intent.OTHER if number < wrong or post.intent is None else post.intent)
        for number, post in enumerate(posts)
    ]


def test_a_better_model_is_told_from_a_worse_one() -> None:
    posts = make_posts(120)
    worse, better = perfect(posts, wrong=40), perfect(posts)
    found = compare(posts, Answers("worse", worse), Answers("better", better))
    whole = found.differences[0]
    assert (whole.lang, whole.label, whole.support) == ("all", "vendor_request", 60)
    assert [whole.first, whole.second] == pytest.approx([0.8, 1.0])
    assert whole.difference.low > 0.05
    assert whole.p_value < 0.001
    assert (found.changed, len(found.gained), found.lost) == (20, 20, ())
    assert found.gained[0] == "p1"
    assert {each.lang for each in found.differences} == {"all", "en", "da"}


def test_the_order_turns_the_sign() -> None:
    posts = make_posts(40)
    found = compare(
        posts, Answers("better", perfect(posts)), Answers("worse", perfect(posts, wrong=10))
    )
    assert found.differences[0].difference.value < 0
    assert len(found.lost) == 5


def test_the_same_answers_do_not_differ() -> None:
    posts = make_posts(20)
    found = compare(posts, Answers("one", perfect(posts)), Answers("same", perfect(posts)))
    assert all(each.p_value == 1.0 for each in found.differences)
    assert all(each.difference.value == 0 for each in found.differences)


def test_a_difference_in_one_post_may_be_chance() -> None:
    posts = make_posts(40)
    found = compare(
        posts, Answers("one", perfect(posts, wrong=2)), Answers("other", perfect(posts))
    )
    assert found.differences[0].p_value == pytest.approx(1.0)


def test_the_text_names_few_posts_unless_all_are_asked_for() -> None:
    posts = make_posts(120)
    found = compare(
        posts, Answers("one", perfect(posts, wrong=60)), Answers("other", perfect(posts))
    )
    assert "... and 10 more" in found.to_text()
    assert "p59" in found.to_text(full=True)
    assert orjson.loads(found.to_json())["gained"][-1] == "p59"


def test_posts_without_labels_cannot_be_compared() -> None:
    post = MeasuredPost("p", "text", "en", None, False, None, False, "unknown")
    answers = Answers("one", [answer(Intent.OTHER)])
    with pytest.raises(ConfigurationError, match="none of the posts has a label"):
        compare([post], answers, answers)


def test_saved_answers_are_found_by_id(tmp_path: Path) -> None:
    posts = make_posts(2)
    path = tmp_path / "saved.jsonl"
    rows = [
        {"id": post.post_id, **answer(intent).model_dump(mode="json")}
        for post, intent in zip(posts, (Intent.OTHER, Intent.PROMOTION), strict=True)
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, reversed(rows))) + b"\n")
    saved = read_answers(path, posts)
    assert saved.name == "saved.jsonl (m)"
    assert [each.intent for each in saved.answers] == [Intent.OTHER, Intent.PROMOTION]
    path.write_bytes(orjson.dumps(rows[0]))
    with pytest.raises(ConfigurationError, match=r"no answer for 1 of 2 posts, e\.g\. 'p1'"):
        read_answers(path, posts)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "p0", "intent": "ask"}', "saved.jsonl:1: not an answer.*lang: Field required"),
        (b'{"intent": "other"}', "no id"),
        (b"{", "not JSON"),
    ],
)
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "saved.jsonl"
    path.write_bytes(line)
    with pytest.raises(ConfigurationError, match=message):
        read_answers(path, make_posts(1))
