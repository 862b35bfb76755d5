"""Writes what `askwatch corpus check` found for a terminal."""

from collections import Counter
from collections.abc import Callable, Sequence

from nlp.model import INTENTS
from nlp.training.corpus import LabelledPost
from nlp.training.corpus_checks import CorpusReport
from nlp.training.diversity import POSTS_COMPARED, TOKENS_COMPARED, Diversity
from nlp.training.report import to_table
from nlp.training.shared_words import RUN
from nlp.training.slices import name_length


def format_corpus_report(report: CorpusReport, *, full: bool = False) -> str:
    """Return counts, diversity and faults; every topic and register only when `full`."""
    posts = report.posts
    lines = [f"{len(posts)} posts, {len(report.golden)} golden posts", ""]
    lines += [*_count_labels(posts), ""]
    lines += [*_count("length", posts, lambda post: name_length(len(post.text.split()))), ""]
    if full:
        asks = [post for post in posts if post.is_ask]
        lines += [*_count("topic", asks, lambda post: post.topic or "none"), ""]
        lines += [*_count("register", posts, lambda post: post.kind_of_place or "none"), ""]
    lines += [*_format_diversity(report.diversity), ""]
    lines.append(
        f"{len(report.sharing)} posts ({len(report.sharing) / max(1, len(posts)):.2%}) share {RUN} "
        f"words in a row with another; {len(report.duplicates)} stand there twice"
    )
    lines.append(f"golden posts sharing {RUN} words in a row with it: {len(report.in_golden)}")
    lines += [f"FAULT {each}" for each in report.faults] or ["no faults"]
    return "\n".join(lines)


def _count_labels(posts: Sequence[LabelledPost]) -> list[str]:
    counts = Counter((post.lang, post.intent) for post in posts)
    languages = Counter(post.lang for post in posts)
    rows = [
        (intent.value, *(str(counts[lang, intent]) for lang, _ in languages.most_common()))
        for intent in INTENTS
    ]
    rows.append(("posts", *(str(count) for _, count in languages.most_common())))
    return to_table(("label", *(lang for lang, _ in languages.most_common())), rows)


def _count(
    title: str, posts: Sequence[LabelledPost], name_of: Callable[[LabelledPost], str]
) -> list[str]:
    languages = [lang for lang, _ in Counter(post.lang for post in posts).most_common()]
    counts = Counter((name_of(post), post.lang) for post in posts)
    names = Counter(name_of(post) for post in posts)
    rows = [
        (name, str(total), *(str(counts[name, lang]) for lang in languages))
        for name, total in names.most_common()
    ]
    return to_table((title, "all", *languages), rows)


def _format_diversity(diversity: Diversity) -> list[str]:
    words = to_table(
        ("distinct words", "words", "distinct a word"),
        [(each.lang, str(each.tokens), f"{each.distinct_share:.3f}") for each in diversity.words],
    )
    likeness = to_table(
        ("distance to the nearest post", "posts", "compared", "distinct openings", "median", "5 %"),
        [
            (f"{each.lang} {each.label}", str(each.posts), str(each.compared),
             f"{each.distinct_openings:.3f}", f"{each.median_distance:.3f}",
             f"{each.low_distance:.3f}")
            for each in diversity.likeness
        ],
    )  # fmt: skip
    return [
        *words,
        f"(at most {TOKENS_COMPARED} words a language, drawn post by post)",
        "",
        *likeness,
        f"(1 - cosine of TF-IDF of 3 to 5 characters; at most {POSTS_COMPARED} posts each, drawn)",
    ]
