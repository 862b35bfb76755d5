"""Commands of the language stage: train, train-entities, classify, evaluate."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from askwatch.cli import measuring
from askwatch.cli.progress import show_progress, write_file
from askwatch.errors import ConfigurationError

ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Model folder; default the packaged one.")
]


def add_to(app: typer.Typer) -> None:
    """Register the commands of this module."""
    for command in (train, train_entities, classify, evaluate):
        app.command()(command)
    measuring.add_to(app)


def train(
    *,
    corpus: Annotated[
        Path | None, typer.Option(help="Folder of *.jsonl; default the packaged corpus.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the model goes; default the packaged one.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML of hyper-parameters.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 1,
    encoder: Annotated[
        bool,
        typer.Option(
            "--encoder",
            help="First train the sentence encoder anew (an hour, needs askwatch[train]).",
        ),
    ] = False,
    encoder_config: Annotated[
        Path | None, typer.Option(help="TOML of hyper-parameters of the encoder.")
    ] = None,
) -> None:
    """Train the language model from the corpus, and write it with its card.

    An encoder that is in the folder already stays, and the rest is fitted to it.
    """
    from nlp.model import packaged_model_dir
    from nlp.training.train import train as run_training

    folder = corpus or Path(str(files("nlp").joinpath("corpus")))
    target = out or packaged_model_dir()
    if encoder:
        _train_encoder(folder, target, seed=seed, configuration=encoder_config)
    with show_progress() as bar:
        task = bar.add_task("training", total=1.0)
        report = run_training(
            folder,
            target,
            seed=seed,
            configuration=config,
            on_progress=lambda what, share: bar.update(task, description=what, completed=share),
        )
    typer.echo(report.card)
    size_mb = report.size_bytes / 2**20
    typer.echo(f"{report.name}: {report.posts} posts, {size_mb:.1f} MB, in {target}")


def _train_encoder(folder: Path, target: Path, *, seed: int, configuration: Path | None) -> None:
    """Train the encoder; a training that was stopped goes on where it was."""
    try:
        from nlp.training.encoder.fit import train_encoder
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"training the encoder needs {error.name}: pip install 'askwatch[train]'"
        ) from None
    with show_progress() as bar:
        task = bar.add_task("training the encoder", total=1.0)
        report = train_encoder(
            folder,
            target,
            seed=seed,
            configuration=configuration,
            on_progress=lambda what, share: bar.update(task, description=what, completed=share),
        )
    size_mb = report.size_bytes / 2**20
    typer.echo(
        f"{report.name}: {report.posts} posts in {report.steps} steps, loss {report.loss:.3f}, "
        f"{report.held_out} held out, {size_mb:.1f} MB"
    )


def train_entities(
    *,
    annotated: Annotated[
        Path | None,
        typer.Option(help="Folder of annotated *.jsonl; default the packaged posts."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the weights go; default where they are read.")
    ] = None,
) -> None:
    """Train the reader of entities from the annotated posts; the same posts give the same file."""
    from nlp.entities.tagger import tagger_path
    from nlp.training.entity_training import train_entities as run_training

    target = out or tagger_path().parent
    with show_progress() as bar:
        task = bar.add_task("training", total=1.0)
        report = run_training(
            annotated or Path(str(files("nlp").joinpath("corpus_entities"))),
            target,
            on_progress=lambda what, share: bar.update(task, description=what, completed=share),
        )
    typer.echo(
        f"entities: {report.posts} posts, {report.vendors} vendors, "
        f"{report.size_bytes / 2**10:.0f} kB, in {target}"
    )


def classify(
    source: Annotated[Path, typer.Argument(help='JSON Lines with "id" and "text".')],
    target: Annotated[Path, typer.Argument(help="Where the answers go, a line each.")],
    *,
    company: Annotated[
        Path | None, typer.Option(help="company.toml whose topics to use; default 26 built-in.")
    ] = None,
    model: ModelOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Default: one for each core.")] = None,
) -> None:
    """Classify a file of posts on all cores; broken lines are told and left out."""
    from askwatch.cli.company_file import read_company
    from nlp.classify import classify_file

    topics = [each for each in read_company(company).topics if each.is_active] if company else None
    size = source.stat().st_size if source.exists() else 0
    with show_progress() as bar:
        task = bar.add_task("classifying", total=size or None)

        def tell(lines: int, size_bytes: int) -> None:
            bar.update(task, description=f"{lines} posts", completed=size_bytes)

        report = classify_file(
            source, target, topics=topics, model_dir=model, workers=workers, on_progress=tell
        )
    for fault in report.faults:
        typer.echo(f"line {fault.line}: {fault.reason}", err=True)
    typer.echo(f"{report.classified} classified, {report.broken} broken lines left out", err=True)


def evaluate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Labelled *.jsonl or *.jsonl.gz, or posts without labels."),
    ] = None,
    *,
    model: ModelOption = None,
    full: Annotated[bool, typer.Option("--full", help="Every table, not the essence.")] = False,
    page: Annotated[
        Path | None, typer.Option(help="Write a page with plots: a .html file or a folder.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write every figure as JSON.")] = None,
    entities: Annotated[
        Path | None, typer.Option(help="Golden entities *.jsonl; print F1 per kind and language.")
    ] = None,
) -> None:
    """Measure the language model: F1, calibration, alarms, topics, each with its interval."""
    if entities is not None:
        from nlp.training.entity_scores import evaluate_entities

        typer.echo(f"{entities}:\n{evaluate_entities(entities).to_text()}\n")
    if not files:
        if entities is None:
            raise typer.BadParameter("name a file of posts, or one of golden --entities")
        return
    from nlp.training.evaluate import evaluate as measure
    from nlp.training.page import write_page
    from nlp.training.report import format_report
    from nlp.understand import Understander

    with show_progress() as bar:
        task = bar.add_task("loading", total=None)
        report = measure(
            files,
            Understander(model),
            on_progress=lambda what, done, total: bar.update(
                task, description=what, completed=done, total=total
            ),
        )
    typer.echo(format_report(report, full=full))
    if json is not None:
        write_file(json, report.to_json())
    if page is not None:
        typer.echo(f"page: {write_page(page, report)}", err=True)
