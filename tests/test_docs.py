"""The documents say what is there: settings, policies, metrics, dependencies, commands, links."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import pytest
import typer
from packaging.requirements import Requirement
from pydantic import BaseModel

from api.app import _ROUTES as ROUTES
from askwatch.cli.main import app
from askwatch.cli.run import PROCESS_NAMES
from askwatch.model.expert import Expert
from askwatch.model.source import Permission, Source
from askwatch.model.topic import Topic
from askwatch.settings import Settings
from askwatch.state.tables import metadata
from router.policy import Policy
from tests.lifecycle_page import PATH as LIFECYCLE
from tests.lifecycle_page import make_page
from tests.metrics import Family, list_families
from tests.servers import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
    if path.is_file()
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# In code only: prose may begin a sentence with the product's name.
_COMMAND = re.compile(r"(?:^|[\s`/(])askwatch((?: +[a-z][a-z-]*)+)")


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells of table rows by the first cell, without its back-ticks."""
    found = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `"):
            for name in re.findall(r"`([^`]+)`", cells[0]):
                found[name] = cells[1:]
    return found


def describe_default(value: object) -> str:
    if value is None:
        return "none"
    if value == "":
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_with_its_default(name: str) -> None:
    cells = rows(read("settings.md"))[f"ASKWATCH_{name.upper()}"]
    assert cells[0] == describe_default(Settings.model_fields[name].default)
    assert len(cells[1]) > 10


def test_no_setting_is_described_that_is_not_there() -> None:
    page = read("settings.md").partition("## Policies")[0]
    named = {name for name in rows(page) if name.startswith("ASKWATCH_")}
    assert named == {f"ASKWATCH_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", Policy.model_fields)
def test_every_threshold_of_the_routing_is_described_with_its_default(name: str) -> None:
    page = read("settings.md").partition("## Policies")[2]
    cells = rows(page)[name]
    assert cells[0] == describe_default(Policy.model_fields[name].default)


@pytest.mark.parametrize("family", list_families(), ids=lambda family: family.name)
def test_every_metric_is_described(family: Family) -> None:
    kind, labels, says = rows(read("metrics.md"))[family.name]
    assert kind == family.kind
    assert tuple(re.findall(r"`(\w+)`", labels)) == family.labels
    assert len(says) > 5


def test_no_metric_is_described_that_is_not_there() -> None:
    named = {name for name in rows(read("metrics.md")) if name.startswith("askwatch_")}
    assert named == {family.name for family in list_families()}


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {Requirement(each).name for each in project["dependencies"]}
    described = rows(read("dependencies.md"))
    assert set(described) == needed
    assert all(len(cells[0]) > 10 for cells in described.values())


def test_every_table_is_described() -> None:
    described = rows(read("data.md"))
    assert set(metadata.tables) <= set(described)


@pytest.mark.parametrize("model", [Topic, Expert, Source, Permission])
def test_every_field_of_the_company_file_is_described(model: type[BaseModel]) -> None:
    described = rows(read("company.md"))
    left_out = {"topic_id", "expert_id", "source_id", "permission"}
    assert set(model.model_fields) - left_out <= set(described)


def test_every_process_is_in_the_architecture() -> None:
    page = read("architecture.md")
    assert all(f"| {name} | " in page for name in PROCESS_NAMES)


def test_every_noun_of_the_api_is_named() -> None:
    paths = [
        path
        for module in ROUTES
        for route in module.routes.routes
        if (path := getattr(route, "path", "")).startswith("/api/v1/")
    ]
    assert paths
    page = read("api.md")
    assert all(f"/{path.split('/')[3]}" in page for path in paths)


def test_the_log_line_that_is_shown_is_one_of_ours() -> None:
    (line,) = re.findall(r'^\{"at".+$', read("operations.md"), re.MULTILINE)
    shown = orjson.loads(line)
    source = (ROOT / shown["logger"].replace(".", "/")).with_suffix(".py").read_text()
    assert f'log.info("{shown["event"]}"' in source
    fields = set(shown) - {"at", "level", "logger", "event"}
    assert all(f'"{field}": ' in source for field in fields)


def test_the_life_cycle_is_the_one_of_the_code() -> None:
    assert LIFECYCLE.read_text(encoding="utf-8") == make_page(), (
        "docs/lifecycle.md is old: write it with 'python -m tests.lifecycle_page'"
    )


def test_every_decision_is_listed_and_complete() -> None:
    pages = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", read("decisions/README.md"))
    assert listed == [page.name for page in pages]
    for page in pages:
        heads = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"], page


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for found in _LINK.findall(text):
        target = found[0] or found[1]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    for words in commands_in(page.read_text(encoding="utf-8")):
        assert is_command(words), f"{page.name}: askwatch {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_a_page_names_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("words", [["nothing"], ["dead", "nothing"], ["run", "nothing"], []])
def test_what_is_no_command_is_seen(words: list[str]) -> None:
    assert not is_command(words)


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def commands_in(text: str) -> Iterator[list[str]]:
    code = [*re.findall(r"```(?:sh|text)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    code += re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
    for piece in code:
        for found in _COMMAND.findall(piece):
            yield found.split()


def is_command(words: Sequence[str]) -> bool:
    """Tell whether `words` begin with a command, and `run` with a process as well."""
    command: object = typer.main.get_command(app)
    for position, word in enumerate(words):
        known = getattr(command, "commands", None)
        if known is None:  # what follows a command are its arguments
            return words[0] != "run" or word in PROCESS_NAMES
        if word not in known:
            return False
        command = known[word]
        if position == len(words) - 1:
            return True
    return False
