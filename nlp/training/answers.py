"""Gets the answers of a model: from the model itself, or from a file of `askwatch classify`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Understanding
from nlp.training.labelled_file import MeasuredPost, read_lines, read_object
from nlp.understand import Understander

_BATCH = 250


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model says of some posts, in their order."""

    name: str
    answers: Sequence[Understanding]


def understand_all(
    posts: Sequence[MeasuredPost],
    understander: Understander,
    on_progress: Callable[[int, int], None],
) -> list[Understanding]:
    """Return the whole understanding of every post, in order."""
    understood: list[Understanding] = []
    for start in range(0, len(posts), _BATCH):
        texts = [post.text for post in posts[start : start + _BATCH]]
        understood += understander.understand(texts, is_complete=True)
        on_progress(len(understood), len(posts))
    return understood


def read_answers(path: Path, posts: Sequence[MeasuredPost]) -> Answers:
    """Return saved answers in the order of `posts`, found by id.

    Raises:
        ConfigurationError: The file cannot be read, a line is no answer, or a post has none.
    """
    found: dict[str, Understanding] = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            entry = read_object(line)
            post_id = str(entry["id"])
            found[post_id] = Understanding.model_validate(entry)
        except (KeyError, ValueError) as error:  # pydantic's error is a ValueError
            raise ConfigurationError(
                f"{path}:{number}: not an answer of 'askwatch classify': {_first_line(error)}"
            ) from error
    missing = [post.post_id for post in posts if post.post_id not in found]
    if missing:
        raise ConfigurationError(
            f"{path}: no answer for {len(missing)} of {len(posts)} posts, e.g. {missing[0]!r}: "
            "classify the same file again"
        )
    answers = [found[post.post_id] for post in posts]
    model = answers[0].model if answers else ""
    return Answers(f"{path.name} ({model})" if model else path.name, answers)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
    if isinstance(error, KeyError):
        return "no id"
    return str(error)
