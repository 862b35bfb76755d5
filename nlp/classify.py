"""Classifies a file of posts on all cores: one JSON object in, one out, a line each, in order."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from pydantic import TypeAdapter

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Understanding
from askwatch.model.topic import Topic
from nlp.topics import TopicIndex
from nlp.understand import Understander, index_topics

_LINES_A_TASK = 250
# A longer line holds no post: 20 000 characters take 240 kB at most, escaped.
LINE_LIMIT_BYTES = 8_000_000
_FAULTS_KEPT = 1_000
_TOPICS = TypeAdapter(tuple[Topic, ...])

# (number of the line, its bytes or None where it was too long)
_Lines = list[tuple[int, bytes | None]]


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line that could not be classified, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ClassifyReport:
    """What became of a file; `faults` keeps the first 1 000."""

    classified: int
    broken: int
    faults: tuple[LineFault, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was made of some lines."""

    output: bytes
    lines: int
    size_bytes: int
    classified: int
    faults: tuple[LineFault, ...]


def classify_file(
    in_path: Path,
    out_path: Path,
    *,
    topics: Sequence[Topic] | None = None,
    model_dir: Path | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ClassifyReport:
    """Classify every line of `in_path` into `out_path`; blank lines are skipped.

    A line that is no object with string "id" and "text" is reported and left out, the rest goes
    on. `topics` None or empty: the built-in ones are active. `on_progress` is called with lines
    and input bytes done. `workers` None: one for each core; 1: no further process.

    Raises:
        ConfigurationError: A file cannot be opened, or the model cannot be used.
    """
    folder = str(model_dir or "")
    company = _TOPICS.dump_json(tuple(topics or ()))
    classified = broken = lines = size_bytes = 0
    faults: list[LineFault] = []
    try:
        with in_path.open("rb") as source, out_path.open("wb") as target:
            tasks = ((part, folder, company) for part in _read_parts(source))
            for answer in _answer_all(tasks, workers or count_cores()):
                target.write(answer.output)
                classified, broken = classified + answer.classified, broken + len(answer.faults)
                faults += answer.faults[: _FAULTS_KEPT - len(faults)]
                lines, size_bytes = lines + answer.lines, size_bytes + answer.size_bytes
                if on_progress is not None:
                    on_progress(lines, size_bytes)
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}") from error
    except BrokenProcessPool as error:
        raise ConfigurationError(
            "a classifying process ended by itself, most likely for lack of memory: "
            "use fewer workers"
        ) from error
    return ClassifyReport(classified, broken, tuple(faults))


def count_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def to_row(post_id: str, understanding: Understanding) -> dict[str, Any]:
    """Return one line of output."""
    content = understanding.model_dump(mode="json")
    return {
        "id": post_id,
        "lang": content["lang"],
        "intent": content["intent"],
        "probability": content["probability"],
        "probabilities": content["probabilities"],
        "b2b_probability": content["b2b_probability"],
        "lane": content["lane"],
        "topics": content["topics"],
        "entities": content["entities"],
        "reasons": content["reasons"],
        "model": content["model"],
    }


def _answer_all(tasks: Iterable[tuple[_Lines, str, bytes]], workers: int) -> Iterator[_Answer]:
    """Yield the answers in the order of the tasks, with few of them in memory."""
    if workers == 1:
        for task in tasks:
            yield _answer(*task)
        return
    # Spawned, not forked: a forked child inherits locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    waiting: deque[Future[_Answer]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for task in tasks:
            waiting.append(pool.submit(_answer, *task))
            if len(waiting) >= workers * 3:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _answer(lines: _Lines, model_dir: str, company: bytes) -> _Answer:
    understander, index = _load(model_dir, company)
    ids: list[str] = []
    texts: list[str] = []
    faults: list[LineFault] = []
    for number, line in lines:
        try:
            post_id, text = _read_line(line)
        except ValueError as error:
            faults.append(LineFault(number, str(error)))
        else:
            ids.append(post_id)
            texts.append(text)
    understood = understander.understand(texts, topics=index, is_complete=True)
    output = b"".join(
        orjson.dumps(to_row(post_id, each), option=orjson.OPT_APPEND_NEWLINE)
        for post_id, each in zip(ids, understood, strict=True)
    )
    size_bytes = sum(len(line or b"") for _, line in lines)
    return _Answer(output, len(lines), size_bytes, len(ids), tuple(faults))


@cache
def _load(model_dir: str, company: bytes) -> tuple[Understander, TopicIndex | None]:
    """Return what a process needs, loaded at its first task."""
    understander = Understander(Path(model_dir) if model_dir else None)
    return understander, index_topics(_TOPICS.validate_json(company))


def _read_parts(source: BinaryIO) -> Iterator[_Lines]:
    lines = _read_lines(source)
    while part := list(islice(lines, _LINES_A_TASK)):
        yield part


def _read_lines(source: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while line := source.readline(LINE_LIMIT_BYTES):
        number += 1
        is_whole = line.endswith(b"\n") or len(line) < LINE_LIMIT_BYTES
        while not is_whole:
            rest = source.readline(LINE_LIMIT_BYTES)
            is_whole = not rest or rest.endswith(b"\n")
            line = b""
        if not line:
            yield number, None
        elif line.strip():
            yield number, line


def _read_line(line: bytes | None) -> tuple[str, str]:
    """Return id and text of a line.

    Raises:
        ValueError: It has none; the message says why.
    """
    if line is None:
        raise ValueError(f"longer than {LINE_LIMIT_BYTES} bytes")
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None
    fields = entry if isinstance(entry, dict) else {}
    for name in ("id", "text"):
        if type(fields.get(name)) is not str:
            raise ValueError(f'no object with a string "{name}"')
    return fields["id"], fields["text"]
