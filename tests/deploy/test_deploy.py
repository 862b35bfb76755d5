"""What `deploy/` says is true: image, compose file, units, alert rules."""

import re
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from askwatch.cli.run import PROCESS_NAMES
from askwatch.settings import Settings
from tests.metrics import list_families
from tests.servers import ROOT, require

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "askwatch.rules.yml"
RULES_TEST = DEPLOY / "prometheus" / "askwatch.rules.test.yml"
DASHBOARD = DEPLOY / "grafana" / "askwatch.json"
SETTINGS = {f"ASKWATCH_{name.upper()}" for name in Settings.model_fields}


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        cwd=cwd,
    )


def compose(*arguments: str, env_file: Path = DEPLOY / ".env.example") -> str:
    """Return what the compose binary of the package says of our file."""
    spec = find_spec("compose")
    assert spec is not None
    assert spec.origin is not None
    binary = Path(spec.origin).parent / "docker-compose"
    done = run(binary, "--file", DEPLOY / "compose.yaml", "--env-file", env_file, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(
        compose("--profile", "monitoring", "config", "--format", "json")
    )["services"]
    return found


@pytest.fixture(scope="module")
def promtool() -> str:
    remedy = "install the Debian package prometheus"
    return require("promtool", shutil.which("promtool"), remedy=remedy)


def test_the_compose_file_is_one() -> None:
    assert compose("config", "--quiet") == ""


def test_the_compose_file_asks_for_its_secrets(tmp_path: Path) -> None:
    empty = tmp_path / ".env"
    empty.touch()
    with pytest.raises(AssertionError, match="set it in deploy"):
        compose("config", "--quiet", env_file=empty)


def test_every_process_is_a_service_and_no_other_is(services: dict[str, Any]) -> None:
    commands = [tuple(each.get("command") or ()) for each in services.values()]
    named = [command[1] for command in commands if command[:1] == ("run",)]
    assert sorted(named) == sorted(PROCESS_NAMES)
    assert all(services[name]["command"] == ["run", name] for name in PROCESS_NAMES)


@pytest.mark.parametrize("name", PROCESS_NAMES)
def test_a_process_waits_for_the_schema_and_for_the_servers(
    services: dict[str, Any], name: str
) -> None:
    waits = {each: value["condition"] for each, value in services[name]["depends_on"].items()}
    assert waits == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "kafka": "service_healthy",
        "elasticsearch": "service_healthy",
    }


def test_only_processes_that_speak_to_others_have_a_way_out(services: dict[str, Any]) -> None:
    outside = {name for name in PROCESS_NAMES if "outside" in services[name]["networks"]}
    assert outside == {"api", "collectors", "delivery"}


def test_what_the_compose_file_sets_are_settings(services: dict[str, Any]) -> None:
    for service in services.values():
        names = {name for name in service.get("environment") or {} if name.startswith("ASKWATCH_")}
        assert names <= SETTINGS


def test_settings_of_the_compose_file_are_valid(services: dict[str, Any]) -> None:
    environment = services["api"]["environment"]
    values = {
        name.removeprefix("ASKWATCH_").lower(): value
        for name, value in environment.items()
        if name.startswith("ASKWATCH_")
    }
    settings = Settings.load(**values)
    assert not settings.is_embedded
    assert settings.port == 8000


@pytest.mark.parametrize(
    "path",
    [
        "deploy/Dockerfile",
        "deploy/.env.example",
        "deploy/compose.yaml",
        "deploy/healthcheck.py",
        "deploy/systemd/askwatch@.service",
        "deploy/systemd/askwatch-migrate.service",
        "deploy/systemd/askwatch.env.example",
    ],
)
def test_every_variable_that_a_file_names_is_a_setting(path: str) -> None:
    names = set(re.findall(r"\bASKWATCH_[A-Z_]+\b", (ROOT / path).read_text()))
    assert names
    assert names <= SETTINGS


def test_the_target_starts_every_process() -> None:
    target = (DEPLOY / "systemd" / "askwatch.target").read_text()
    assert sorted(re.findall(r"Wants=askwatch@(\w+)\.service", target)) == sorted(PROCESS_NAMES)


@pytest.mark.parametrize("name", ["askwatch@.service", "askwatch-migrate.service"])
def test_a_unit_gives_up_what_its_process_does_not_need(name: str) -> None:
    unit = (DEPLOY / "systemd" / name).read_text()
    for line in (
        "User=askwatch", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=",
        "SystemCallFilter=@system-service",
    ):  # fmt: skip
        assert f"\n{line}\n" in unit


def test_the_images_python_is_one_that_the_package_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = re.findall(r"^FROM python:([\d.]+)-slim", dockerfile(), re.MULTILINE)
    assert len(versions) == 2
    assert all(Version(each) in SpecifierSet(project["requires-python"]) for each in versions)


def test_the_image_gets_every_package_and_does_not_run_as_root() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    for package in build["targets"]["wheel"]["packages"]:
        assert f"COPY {package} ./{package}\n" in dockerfile()
    assert "\nUSER 10001:10001\n" in dockerfile()


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile(), re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}\n" in ignored, source


def test_rules_are_rules(promtool: str) -> None:
    done = run(promtool, "check", "rules", RULES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_fire_when_they_should(promtool: str) -> None:
    done = run(promtool, "test", "rules", RULES_TEST)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scrape_example_is_valid_and_asks_every_process(promtool: str) -> None:
    path = DEPLOY / "prometheus" / "prometheus.yml"
    done = run(promtool, "check", "config", path)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = re.findall(r"names: \[(.+)\]", path.read_text())
    assert sorted(", ".join(asked).split(", ")) == sorted(PROCESS_NAMES)


@pytest.mark.parametrize("path", [RULES, RULES_TEST, DASHBOARD], ids=lambda path: path.name)
def test_every_metric_of_the_rules_is_one_of_ours(path: Path) -> None:
    known = set().union(*(family.samples for family in list_families()))
    named = set(re.findall(r"\baskwatch_[a-z_]+\b", path.read_text()))
    assert named
    assert named <= known


def test_the_dashboard_asks_only_what_prometheus_understands(promtool: str, tmp_path: Path) -> None:
    panels = orjson.loads(DASHBOARD.read_bytes())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    rules = [
        {"record": f"panel:{number}", "expr": query.replace("$__rate_interval", "5m")}
        for number, query in enumerate(queries)
    ]
    # JSON is YAML, too.
    path = tmp_path / "panels.yml"
    path.write_bytes(orjson.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = run(promtool, "check", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_a_test_and_a_page_that_says_what_to_do() -> None:
    rules, tests = RULES.read_text(), RULES_TEST.read_text()
    page = (ROOT / "docs" / "operations.md").read_text()
    anchors = {
        re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    }
    names = re.findall(r"- alert: (\w+)", rules)
    pages = re.findall(r"runbook: docs/operations\.md#([\w-]+)", rules)
    assert len(names) == len(pages)
    assert set(pages) <= anchors
    assert all(f"alertname: {name}\n" in tests for name in names)


def test_no_process_can_be_missing_unnoticed() -> None:
    absent = re.findall(r'absent\(askwatch_heartbeat\w+\{process="(\w+)"\}\)', RULES.read_text())
    assert sorted(absent) == sorted(PROCESS_NAMES)


def dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text()
