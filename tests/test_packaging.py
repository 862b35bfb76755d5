"""The wheel holds everything that runs, and its short package names belong to nobody else."""

import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.servers import ROOT, require

PACKAGES = ("api", "askwatch", "collectors", "nlp", "router")
# What is read at run time and is no Python module.
RESOURCES = (
    "api/pages/templates/*.html",
    "api/pages/static/*.css",
    "api/pages/static/*.js",
    "api/pages/locale/*/LC_MESSAGES/*.po",
    "askwatch/resources/demo_company.toml",
    "askwatch/state/migrations/versions/0001_*.py",
    "collectors/resources/closed_sites.toml",
    "collectors/resources/demo*.jsonl",
    "nlp/corpus/*.jsonl",
    "nlp/resources/*.toml",
    "nlp/resources/model/*.npz",
    "nlp/resources/patterns/*.toml",
    "*/py.typed",
)


@pytest.mark.parametrize("name", PACKAGES)
def test_no_other_distribution_provides_our_packages(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"askwatch"}


@pytest.mark.parametrize("name", PACKAGES)
def test_our_packages_are_found_in_this_repository(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")


def test_the_wheel_names_every_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    targets = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert tuple(sorted(targets["packages"])) == PACKAGES


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [each for each in sorted(folders) if not (each / "__init__.py").exists()] == []


def test_every_package_says_that_it_is_typed() -> None:
    assert all((ROOT / name / "py.typed").exists() for name in PACKAGES)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel as an installer does, but with the build back end of this environment."""
    spec = importlib.util.find_spec("hatchling")
    require(
        "hatchling", spec.origin if spec else None, remedy="it belongs to the dependency group dev"
    )
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        [*command, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--", *PACKAGES], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    tracked = {name for name in listed if (ROOT / name).exists()}
    assert tracked
    assert tracked - set(wheel.namelist()) == set()


@pytest.mark.parametrize("pattern", RESOURCES)
def test_the_wheel_holds_what_is_read_at_run_time(wheel: zipfile.ZipFile, pattern: str) -> None:
    assert [name for name in wheel.namelist() if Path(name).match(pattern)]


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {*PACKAGES, "askwatch-0.1.0.dist-info"}


def test_the_wheel_brings_the_command_and_its_licence(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "askwatch-0.1.0.dist-info/licenses/LICENSE" in names
    assert "askwatch-0.1.0.dist-info/licenses/NOTICE" in names
    scripts = wheel.read("askwatch-0.1.0.dist-info/entry_points.txt").decode()
    assert "[console_scripts]\naskwatch = " in scripts
