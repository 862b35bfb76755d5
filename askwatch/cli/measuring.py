"""Commands that compare two models and check the corpus."""

from importlib.resources import files as package_files
from pathlib import Path
from typing import Annotated

import typer

from askwatch.cli.progress import show_progress, write_file
from askwatch.errors import ConfigurationError

corpus = typer.Typer(no_args_is_help=True, help="The posts that the language model learns from.")


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(compare)
    app.add_typer(corpus, name="corpus")


@corpus.callback()
def _corpus() -> None:
    """Keep `check` a command of its own though it is the only one."""


def compare(
    file: Annotated[Path, typer.Argument(help="Labelled *.jsonl or *.jsonl.gz.")],
    *,
    model: Annotated[list[Path] | None, typer.Option(help="Model folder; A, or A and B.")] = None,
    answers: Annotated[
        list[Path] | None, typer.Option(help="Output of 'askwatch classify' instead of a model.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Name every post that changed.")] = False,
    json: Annotated[Path | None, typer.Option(help="Write every figure as JSON.")] = None,
) -> None:
    """Compare two models on the same posts; models come first, then saved answers."""
    from nlp.training.answers import Answers, read_answers, understand_all
    from nlp.training.compare import compare as measure
    from nlp.training.labelled_file import read_measured
    from nlp.understand import Understander

    models, saved = model or [], answers or []
    if len(models) + len(saved) != 2:
        raise ConfigurationError("compare needs two of --model and --answers, no more and no fewer")
    posts = read_measured(file)
    compared = []
    with show_progress() as bar:
        for folder in models:
            task = bar.add_task(str(folder), total=len(posts))
            understander = Understander(folder)
            understood = understand_all(
                posts,
                understander,
                lambda done, _total, task=task: bar.update(task, completed=done),  # type: ignore[misc]  # a default binds the loop's value
            )
            compared.append(Answers(f"{folder} ({understander.model_name})", understood))
        compared += [read_answers(path, posts) for path in saved]
        bar.add_task("comparing", total=None)
        comparison = measure(posts, *compared)
    typer.echo(comparison.to_text(full=full))
    if json is not None:
        write_file(json, comparison.to_json())


@corpus.command()
def check(
    *,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of *.jsonl; default the packaged corpus.")
    ] = None,
    golden: Annotated[
        list[Path] | None, typer.Option(help="File or folder that must not be in the corpus.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(help='*.jsonl or *.jsonl.gz with "text" that ours must not repeat.'),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Count topics and registers too.")] = False,
) -> None:
    """Check a corpus: counts, copies, variety; ends with 1 when something is wrong."""
    from nlp.training.corpus_checks import PACKAGED_SIZES, check_corpus
    from nlp.training.corpus_report import format_corpus_report

    with show_progress() as bar:
        task = bar.add_task("reading", total=None)
        report = check_corpus(
            folder or Path(str(package_files("nlp").joinpath("corpus"))),
            golden=golden or (),
            against=against or (),
            sizes=None if folder else PACKAGED_SIZES,
            on_progress=lambda what: bar.update(task, description=what),
        )
    typer.echo(format_corpus_report(report, full=full))
    if report.faults:
        raise typer.Exit(1)
