"""Reads company.toml; every mistake is told with its line and field."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from askwatch.errors import ConfigurationError
from askwatch.model.expert import Expert
from askwatch.model.source import Source, SourceKind
from askwatch.model.topic import Topic
from askwatch.state.hand_ins import HAND_IN_SOURCE

M = TypeVar("M", bound=BaseModel)
_SECTIONS = {"company", "policies", "topics", "experts", "sources"}
_HEADER = re.compile(r"^\s*\[+\s*([A-Za-z0-9_.\-\s]+?)\s*\]+")
# More at once would hide the first ones on a terminal.
_FAULTS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Company:
    """Everything the file says; policies by name."""

    topics: tuple[Topic, ...]
    experts: tuple[Expert, ...]
    sources: tuple[Source, ...]
    policies: dict[str, dict[str, JsonValue]]


class CompanyFileError(ConfigurationError):
    """The file says something impossible; nothing of it was applied."""

    def __init__(self, path: str, faults: Sequence[str]) -> None:
        self.path, self.faults = path, tuple(faults)
        told = list(faults[:_FAULTS_TOLD])
        if len(faults) > _FAULTS_TOLD:
            told.append(f"and {len(faults) - _FAULTS_TOLD} more")
        super().__init__("nothing was applied:\n" + "\n".join(f"{path}: {each}" for each in told))


def read_company(path: Path) -> Company:
    """Return what the file says.

    Raises:
        ConfigurationError: It cannot be read.
        CompanyFileError: It says something impossible; names every line and field.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CompanyFileError(str(path), [f"not UTF-8 at byte {error.start}"]) from error
    return parse_company(text, str(path))


def parse_company(text: str, path: str) -> Company:
    """Return what `text` says; see `read_company`."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CompanyFileError(path, [f"not TOML: {error}"]) from error
    parser = _Parser(text, given)
    company = parser.parse()
    if parser.faults:
        raise CompanyFileError(path, parser.faults)
    return company


class _Parser:
    def __init__(self, text: str, given: dict[str, Any]) -> None:
        self._lines, self._given = text.splitlines(), given
        self.faults: list[str] = []

    def parse(self) -> Company:
        for name in sorted(set(self._given) - _SECTIONS):
            self._fault((name,), f"unknown section: the file has {', '.join(sorted(_SECTIONS))}")
        topics = self._read_all("topics", "topic_id", Topic)
        experts = self._read_all("experts", "expert_id", Expert)
        sources = self._read_all("sources", "source_id", Source)
        self._check_topics(experts, {topic.topic_id for topic in topics})
        self._check_sources(sources)
        return Company(tuple(topics), tuple(experts), tuple(sources), self._read_policies())

    def _read_all(self, section: str, id_field: str, model: type[M]) -> list[M]:
        entries = self._given.get(section, [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            self._fault((section,), f"must be written as [[{section}]]")
            return []
        found: list[M] = []
        seen: dict[object, int] = {}
        for number, entry in enumerate(entries):
            values = {id_field if name == "id" else name: each for name, each in entry.items()}
            identity = values.get(id_field)
            if isinstance(identity, str) and identity in seen:
                line = self._find_line((section, seen[identity]))
                self._fault((section, number, "id"), f"{identity!r} is there already, line {line}")
            elif isinstance(identity, str):
                seen[identity] = number
            try:
                found.append(model.model_validate(values))
            except ValidationError as error:
                self._note(error, (section, number), id_field)
        return found

    def _note(self, error: ValidationError, place: tuple[str | int, ...], id_field: str) -> None:
        for fault in error.errors(include_url=False, include_input=False):
            field = ("id" if part == id_field else part for part in fault["loc"])
            self._fault((*place, *field), fault["msg"].removeprefix("Value error, "))

    def _check_topics(self, experts: Sequence[Expert], known: set[str]) -> None:
        for number, expert in enumerate(experts):
            for topic_id in expert.topics:
                if topic_id not in known:
                    self._fault(
                        ("experts", number, "topics"),
                        f"{expert.expert_id}: there is no topic {topic_id!r}",
                    )

    def _check_sources(self, sources: Sequence[Source]) -> None:
        for number, source in enumerate(sources):
            place = ("sources", number)
            if source.kind is SourceKind.HAND_IN or source.source_id == HAND_IN_SOURCE:
                self._fault((*place, "id"), "the hand-in source is always there: leave it out")
            if source.kind is SourceKind.FEED and not source.url.startswith(
                ("http://", "https://")
            ):
                self._fault((*place, "url"), "a feed needs an address that begins with http")

    def _read_policies(self) -> dict[str, dict[str, JsonValue]]:
        policies = self._given.get("policies", {})
        company = self._given.get("company", {})
        if not isinstance(policies, dict) or not all(
            isinstance(v, dict) for v in policies.values()
        ):
            self._fault(("policies",), "must be written as [policies.NAME]")
            return {}
        if not isinstance(company, dict):
            self._fault(("company",), "must be written as [company]")
            return {}
        return {**policies, **({"company": company} if company else {})}

    def _fault(self, place: tuple[str | int, ...], message: str) -> None:
        names = [str(part) for part in place if isinstance(part, str)]
        self.faults.append(f"line {self._find_line(place)}, {'.'.join(names)}: {message}")

    def _find_line(self, place: tuple[str | int, ...]) -> int:
        """Return the line of a field, or of the entry that should have it; from 1."""
        section = str(place[0])
        wanted = place[1] if len(place) > 1 and isinstance(place[1], int) else 0
        fields = [str(part) for part in place[1:] if isinstance(part, str)]
        number, best, current = -1, 1, ""
        for index, line in enumerate(self._lines, start=1):
            header = _HEADER.match(line)
            if header:
                current = header.group(1)
                number += current == section and line.lstrip().startswith("[[")
            is_inside = current.split(".")[0] == section and max(number, 0) == wanted
            if not is_inside:
                continue
            if header and current == section:
                best = index
            inner = current.split(".")[1:]
            if header and inner and inner == fields[: len(inner)]:
                best = index
            rest = fields[len(inner) :] if inner == fields[: len(inner)] else []
            if rest and re.match(rf"\s*{re.escape(rest[0])}\s*=", line):
                return index
        return best
