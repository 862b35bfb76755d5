"""Measures the language stage on labelled posts, or counts alarms on unlabelled ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from askwatch.model.lead import Lane, Understanding
from nlp.training.answers import understand_all
from nlp.training.bootstrap import RESAMPLES, SEED, Estimate, poisson_rate
from nlp.training.figures import EVERY, Group, LabelRow, measure_group
from nlp.training.labelled_file import MeasuredPost, read_measured
from nlp.training.outcomes import Outcomes, gather
from nlp.training.slices import Slice, measure_slices
from nlp.understand import Understander

_ALERTS_NAMED = 500

# Called with what is done, how many are done, and how many there are.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FileFigures:
    """How often a file's posts would have told somebody; rates per 1 000 posts."""

    name: str
    posts: int
    labelled: int
    alerts: Estimate
    reviews: Estimate
    alert_ids: tuple[str, ...]  # the first 500


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything measured; `groups` (all posts first, then languages) are empty without labels."""

    model: str
    resamples: int
    seed: int
    files: tuple[FileFigures, ...]
    groups: tuple[Group, ...]
    slices: tuple[Slice, ...]

    @property
    def posts(self) -> int:
        return sum(each.posts for each in self.files)

    @property
    def labelled(self) -> int:
        return sum(each.labelled for each in self.files)

    def group(self, lang: str = EVERY) -> Group:
        """Return the figures of one language, by default of all posts.

        Raises:
            KeyError: There are no labelled posts of it.
        """
        for each in self.groups:
            if each.lang == lang:
                return each
        raise KeyError(lang)

    def find(self, lang: str, label: str, *, without_hard: bool = False) -> LabelRow:
        """Return the figures of one label.

        Raises:
            KeyError: There are no such posts.
        """
        return self.group(lang).find(label, without_hard=without_hard)

    def to_json(self) -> bytes:
        """Return everything as JSON."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def evaluate(
    paths: Sequence[Path], understander: Understander, *, on_progress: Tell | None = None
) -> EvaluationReport:
    """Understand every post of *.jsonl or *.jsonl.gz files and compare with their labels.

    The labelled posts of all files are measured together; alarms are counted file by file.

    Raises:
        ConfigurationError: A file cannot be read; the message names the lines.
    """
    tell = on_progress or _tell_nobody
    files, posts, answers = [], [], []
    for path in paths:
        read = read_measured(path)
        understood = understand_all(read, understander, partial(tell, path.name))
        files.append(_count_alarms(str(path), read, understood))
        posts += read
        answers += understood
    outcomes = gather(posts, answers)
    return EvaluationReport(
        model=understander.model_name,
        resamples=RESAMPLES,
        seed=SEED,
        files=tuple(files),
        groups=tuple(_measure_groups(outcomes, tell)),
        slices=tuple(measure_slices(outcomes)),
    )


def _measure_groups(outcomes: Outcomes, tell: Tell) -> list[Group]:
    if not len(outcomes):
        return []
    languages = [post.lang for post in outcomes.posts]
    names = sorted(set(languages), key=lambda lang: (-languages.count(lang), lang))
    groups = [measure_group(EVERY, outcomes)]
    for done, name in enumerate(names, start=1):
        tell("figures", done, len(names) + 1)
        groups.append(measure_group(name, outcomes.where_language(name)))
    return groups


def _count_alarms(
    name: str, posts: Sequence[MeasuredPost], answers: Sequence[Understanding]
) -> FileFigures:
    alerts = [
        post.post_id
        for post, answer in zip(posts, answers, strict=True)
        if answer.lane is Lane.ALERT
    ]
    reviews = sum(answer.lane is Lane.REVIEW for answer in answers)
    return FileFigures(
        name=name,
        posts=len(posts),
        labelled=sum(post.intent is not None for post in posts),
        alerts=poisson_rate(len(alerts), len(posts)),
        reviews=poisson_rate(reviews, len(posts)),
        alert_ids=tuple(alerts[:_ALERTS_NAMED]),
    )


def _tell_nobody(_what: str, _done: int, _total: int) -> None:
    """Take progress that nobody asked for."""
