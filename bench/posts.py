"""Makes posts for measuring out of the corpus in the repository, or takes a file of them."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import orjson

_ASKS = frozenset({"vendor_request", "candidate_search"})
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
# The corpus is full of posts that look like asks; streams are full of posts that do not.
_PLAIN_SHARE = 0.8
# Copies of an ask get twice its words around it: they share too few to be taken for one ask.
_PADDING = 2
_AUTHORS = 5_000


@dataclass(frozen=True, slots=True)
class PostFile:
    """A JSON Lines file of posts and what is known of it."""

    path: Path
    count: int
    size_bytes: int
    describes: str

    def lines(self) -> list[bytes]:
        """Return the posts as they stand in the file."""
        return self.path.read_bytes().splitlines()

    def texts(self) -> list[str]:
        """Return title and text of every post."""
        posts = map(orjson.loads, self.lines())
        return [f"{post.get('title') or ''}\n\n{post.get('text') or ''}".strip() for post in posts]


@dataclass(frozen=True, slots=True)
class _CorpusPost:
    text: str
    lang: str
    intent: str
    spans: tuple[str, ...]


class PostMaker:
    """Writes files of posts that never come twice, the same ones for the same `seed`."""

    def __init__(self, *, seed: int = 1) -> None:
        self._random = random.Random(seed)
        corpus = _read_corpus()
        self._random.shuffle(corpus)
        self._all_asks = [post for post in corpus if post.intent in _ASKS]
        self._plain = [post for post in corpus if post.intent == "other"]
        self._close = [post for post in corpus if post.intent not in _ASKS | {"other"}]
        self.begin_again()
        self._words = {
            lang: [word for post in self._plain if post.lang == lang for word in post.text.split()]
            for lang in {post.lang for post in corpus}
        }
        self._sentences = {
            lang: [
                sentence
                for post in self._plain
                if post.lang == lang
                for sentence in split_sentences(post.text)
            ]
            for lang in self._words
        }
        self._number = 0

    def begin_again(self) -> None:
        """Let the asks of the corpus come once more as they are: somebody new will read them."""
        self._asks: Iterator[tuple[int, _CorpusPost]] = enumerate(cycle(self._all_asks))

    def write(self, path: Path, count: int, *, ask_share: float) -> PostFile:
        """Write `count` posts, `ask_share` of them asks, spread evenly."""
        with path.open("wb") as file:
            asks = 0
            for number in range(1, count + 1):
                is_ask = asks < round(number * ask_share)
                asks += is_ask
                file.write(orjson.dumps(self._ask() if is_ask else self._chatter()) + b"\n")
        describes = f"{asks / count:.1%} asks" if count else "no posts"
        return PostFile(path, count, path.stat().st_size, describes)

    def _ask(self) -> dict[str, str]:
        number, post = next(self._asks)
        text = self._change_word(post) if number < len(self._all_asks) else self._surround(post)
        return self._make(post, text)

    def _chatter(self) -> dict[str, str]:
        is_plain = self._random.random() < _PLAIN_SHARE
        post = self._random.choice(self._plain if is_plain else self._close)
        return self._make(post, self._change_word(post))

    def _make(self, post: _CorpusPost, text: str) -> dict[str, str]:
        self._number += 1
        return {
            "id": f"bench-{self._number}",
            "text": text,
            "author": f"author-{self._random.randrange(_AUTHORS)}",
            "lang": post.lang,
        }

    def _change_word(self, post: _CorpusPost) -> str:
        """Return the text with its last word replaced: the asking words stand before it."""
        before, _, _last = post.text.rstrip().rpartition(" ")
        return f"{before} {self._random.choice(self._words[post.lang])}".strip()

    def _surround(self, post: _CorpusPost) -> str:
        """Return the asking sentences between sentences of other people."""
        asking = asking_sentences(post.text, post.spans)
        wanted = _PADDING * len(" ".join(asking).split())
        around: list[str] = []
        while wanted > 0:
            around.append(self._random.choice(self._sentences[post.lang]))
            wanted -= len(around[-1].split())
        middle = len(around) // 2
        return " ".join([*around[:middle], *asking, *around[middle:]])


def take_file(path: Path, *, limit: int, folder: Path) -> PostFile:
    """Return the first `limit` posts of somebody's file, under ids of their own."""
    copy = folder / "given.jsonl"
    with path.open("rb") as given:
        lines = list(islice(given, limit))
    copy.write_bytes(b"".join(line.rstrip(b"\n") + b"\n" for line in lines if line.strip()))
    size_bytes = copy.stat().st_size
    return PostFile(copy, len(copy.read_bytes().splitlines()), size_bytes, f"posts of {path.name}")


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text`, none of them empty."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]


def asking_sentences(text: str, spans: Sequence[str]) -> list[str]:
    """Return the sentences in which `spans` stand; the first two where there are none."""
    sentences = split_sentences(text)
    found = [
        sentence
        for sentence in sentences
        if any(span in sentence or sentence in span for span in spans)
    ]
    return found or sentences[:2]


def _read_corpus() -> list[_CorpusPost]:
    folder = files("nlp").joinpath("corpus")
    posts = []
    for each in sorted(folder.iterdir(), key=lambda found: found.name):
        if not each.name.endswith(".jsonl"):
            continue
        for line in each.read_bytes().splitlines():
            if line.strip():
                entry: dict[str, Any] = orjson.loads(line)
                posts.append(
                    _CorpusPost(
                        text=entry["text"],
                        lang=entry["lang"],
                        intent=entry["intent"],
                        spans=tuple(entry.get("spans") or ()),
                    )
                )
    return posts
