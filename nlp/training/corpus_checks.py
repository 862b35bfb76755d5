"""Checks that a corpus is varied, free of copies, and has nothing of what it is measured on."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.topics import builtin_topics
from nlp.training.corpus import LabelledPost, read_corpus, read_posts
from nlp.training.diversity import Diversity, measure_diversity
from nlp.training.labelled_file import read_measured
from nlp.training.shared_words import RUN, RunFinder, find_shared_with, find_sharing

# What the corpus of the package must hold at least, by language.
PACKAGED_SIZES = {"da": 1_900, "en": 1_900, "de": 700, "no": 700, "sv": 700}
_SHARING_MOST = 0.02
# Floors are about a tenth below what a corpus without templates shows; sentences made by filling
# in a few dozen templates reach half of them.
WORDS_LEAST = 0.17
OPENINGS_LEAST = 0.70
MEDIAN_LEAST = 0.75
LOW_LEAST = 0.50
# Shares and percentiles of fewer posts or words are chance.
_FEWEST_POSTS, _FEWEST_TOKENS = 30, 10_000
# Shorter texts ("thanks a lot") are written twice by chance.
_FEWEST_WORDS = 4
_WORD = re.compile(r"[^\W_]+")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What is in a corpus and what is wrong with it; `faults` are sentences, best empty."""

    posts: Sequence[LabelledPost]
    golden: Sequence[LabelledPost]
    sharing: tuple[str, ...]  # ids of posts that share a run of words with another
    duplicates: tuple[tuple[str, str], ...]
    in_golden: tuple[str, ...]  # ids of golden posts that are (partly) in the corpus
    refused: tuple[str, ...]  # ids of our posts that are (partly) in the files given
    diversity: Diversity
    faults: tuple[str, ...]


def check_corpus(
    folder: Path,
    *,
    golden: Sequence[Path] = (),
    against: Sequence[Path] = (),
    sizes: Mapping[str, int] | None = None,
    on_progress: Tell | None = None,
) -> CorpusReport:
    """Return what is in the corpus files of `folder`, with its faults.

    `golden`: files or folders of posts that no run of words of the corpus may stand in.
    `against`: files of lines with "text" of which no run may stand in the corpus or the golden set.
    `sizes`: how many posts each language needs, with every label and every topic somewhere.

    Raises:
        ConfigurationError: A file cannot be read or a line is wrong; the message names it.
    """
    tell = on_progress or _tell_nobody
    tell("reading")
    posts = read_corpus(folder)
    kept = [post for path in golden for post in _read_golden(path)]
    tell("runs of words")
    finder = RunFinder()
    sharing = find_sharing([post.text for post in posts], finder)
    in_golden = _find_golden(posts, kept, finder)
    refused = _find_refused([*posts, *kept], against, finder, tell)
    tell("nearest posts")
    diversity = measure_diversity(posts)
    duplicates = _find_duplicates(posts)
    ids = tuple(posts[place].id for place in np.flatnonzero(sharing).tolist())
    faults = [
        *_judge_shared(len(posts), ids, duplicates, in_golden, refused),
        *_judge_diversity(diversity),
        *_judge_sizes(posts, sizes or {}),
    ]
    return CorpusReport(
        posts, kept, ids, tuple(duplicates), tuple(in_golden), tuple(refused), diversity,
        tuple(faults),
    )  # fmt: skip


def _read_golden(path: Path) -> list[LabelledPost]:
    if not path.exists():
        raise ConfigurationError(f"{path}: there is no such file or folder of golden posts")
    return read_corpus(path) if path.is_dir() else read_posts(path)


def _find_golden(
    posts: Sequence[LabelledPost], golden: Sequence[LabelledPost], finder: RunFinder
) -> list[str]:
    shared = find_shared_with([post.text for post in golden], [post.text for post in posts], finder)
    whole = {_plain(post.text) for post in posts}
    return [
        post.id
        for post, is_shared in zip(golden, shared.tolist(), strict=True)
        if is_shared or (_is_long(post.text) and _plain(post.text) in whole)
    ]


def _find_refused(
    posts: Sequence[LabelledPost], against: Sequence[Path], finder: RunFinder, tell: Tell
) -> list[str]:
    is_refused = np.zeros(len(posts), dtype=np.bool_)
    texts = [post.text for post in posts]
    for number, path in enumerate(against, start=1):
        tell(f"file {number} of {len(against)} to differ from")
        others = [other.text for other in read_measured(path)]
        is_refused |= find_shared_with(texts, others, finder)
    return [posts[place].id for place in np.flatnonzero(is_refused).tolist()]


def _find_duplicates(posts: Sequence[LabelledPost]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    found = []
    for post in posts:
        if _is_long(post.text):
            other = first.setdefault(_plain(post.text), post.id)
            if other != post.id:
                found.append((other, post.id))
    return found


def _judge_shared(
    posts: int,
    sharing: Sequence[str],
    duplicates: Sequence[tuple[str, str]],
    in_golden: Sequence[str],
    refused: Sequence[str],
) -> list[str]:
    faults = []
    if len(sharing) > _SHARING_MOST * posts:
        faults.append(
            f"{len(sharing) / posts:.1%} of posts share {RUN} words in a row with another, more "
            f"than {_SHARING_MOST:.0%}: {_name(sharing)}"
        )
    if duplicates:
        pairs = [f"{first} = {second}" for first, second in duplicates]
        faults.append(f"{len(duplicates)} posts stand there twice: {_name(pairs)}")
    if in_golden:
        faults.append(
            f"{len(in_golden)} golden posts share {RUN} words in a row with the corpus: "
            f"{_name(in_golden)}"
        )
    if refused:
        faults.append(
            f"{len(refused)} posts share {RUN} words in a row with the files given: "
            + " ".join(refused)
        )
    return faults


def _judge_diversity(diversity: Diversity) -> list[str]:
    faults = [
        f"{each.lang}: {each.distinct_share:.3f} distinct words a word, floor {WORDS_LEAST}"
        for each in diversity.words
        if each.tokens >= _FEWEST_TOKENS and each.distinct_share < WORDS_LEAST
    ]
    for each in diversity.likeness:
        if each.posts < _FEWEST_POSTS:
            continue
        for what, value, floor in (
            ("distinct openings", each.distinct_openings, OPENINGS_LEAST),
            ("median distance to the nearest post", each.median_distance, MEDIAN_LEAST),
            ("5th percentile of that distance", each.low_distance, LOW_LEAST),
        ):
            if value < floor:
                faults.append(f"{each.lang} {each.label}: {what} {value:.3f}, floor {floor}")
    return faults


def _judge_sizes(posts: Sequence[LabelledPost], sizes: Mapping[str, int]) -> list[str]:
    if not sizes:
        return []
    languages = Counter(post.lang for post in posts)
    faults = [
        f"{lang}: {languages[lang]} posts, at least {least} are needed"
        for lang, least in sizes.items()
        if languages[lang] < least
    ]
    pairs = {(post.lang, post.intent) for post in posts}
    faults += [
        f"{lang}: no post is labelled {intent.value}"
        for lang in sizes
        for intent in Intent
        if (lang, intent) not in pairs
    ]
    topics = {post.topic for post in posts if post.is_ask}
    missing = [each.topic_id for each in builtin_topics() if each.topic_id not in topics]
    return faults + [f"no ask has the topic {topic}" for topic in missing]


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _is_long(text: str) -> bool:
    return len(_WORD.findall(text)) >= _FEWEST_WORDS


def _name(ids: Sequence[str], most: int = 20) -> str:
    more = f" ... and {len(ids) - most} more" if len(ids) > most else ""
    return " ".join(ids[:most]) + more


def _tell_nobody(_what: str) -> None:
    """Take progress that nobody asked for."""
