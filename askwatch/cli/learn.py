"""`askwatch learn`: turns taps into an adaptation, shows what was learned, and takes it back."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from askwatch.cli.options import DataOption, backends_of
from askwatch.clock import SystemClock
from askwatch.state import adaptations, feedback
from askwatch.state.adaptations import AdaptationRow

app = typer.Typer(help="Learn from taps; without a command: learn now.")
_ACTOR = "cli"


@app.callback(invoke_without_command=True)
def learn(
    context: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be learned, change nothing.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Learn from all taps; what was learned is applied only when it is better."""
    if context.invoked_subcommand is not None:
        return
    from nlp.duties import learn_from_database, store

    clock = SystemClock()
    with backends_of(data) as backends:
        database, settings = backends.database, backends.settings
        count = sum(database.read(feedback.count_taps).values())
        if count < settings.learn_from:
            typer.echo(
                f"nothing was learned: there are {count} taps, {settings.learn_from} are needed"
            )
            return
        lesson = learn_from_database(database, settings.model_dir)
        for name, value in lesson.figures.items():
            if name != "reasons":
                typer.echo(f"{name:16} {_say(value)}")
        for reason in lesson.reasons:
            typer.echo(f"not better: {reason}")
        if dry_run:
            typer.echo("dry run: nothing was changed")
            return
        now = clock.now()
        row = database.write(lambda tx: store(tx, lesson, actor=_ACTOR, now=now))
    applied = "applied now" if lesson.is_better else "kept to look at, not applied"
    typer.echo(f"adaptation {row.version}: {applied}")


@app.command("list")
def list_versions(*, data: DataOption = None) -> None:
    """List what was learned, newest first."""
    with backends_of(data) as backends:
        rows = backends.database.read(adaptations.list_adaptations)
    if not rows:
        typer.echo("nothing was learned yet: the model alone is applied")
        return
    Console().print(_make_table(rows))


@app.command()
def rollback(
    version: Annotated[
        int | None,
        typer.Argument(min=0, help="Version to apply; default the one before. 0: model alone."),
    ] = None,
    *,
    data: DataOption = None,
) -> None:
    """Apply an earlier version again; processes take it up within seconds."""
    now = SystemClock().now()
    with backends_of(data) as backends:
        applied = backends.database.write(
            lambda tx: adaptations.roll_back(tx, version, actor=_ACTOR, now=now)
        )
    typer.echo(f"adaptation {applied} is applied" if applied else "the model alone is applied")


@app.command()
def simulate(
    *,
    taps: Annotated[int, typer.Option(min=20, help="Taps that the companies give.")] = 100,
    runs: Annotated[int, typer.Option(min=1, help="Orders in which posts come.")] = 3,
) -> None:
    """Play companies whose needs differ from the model's on our own corpus, and measure."""
    from importlib.resources import files
    from pathlib import Path

    from nlp.configured import ConfiguredUnderstander
    from nlp.simulation import COMPANIES, repeat, understand_posts
    from nlp.simulation import simulate as play
    from nlp.training.corpus import read_corpus

    understander = ConfiguredUnderstander()
    posts = read_corpus(Path(str(files("nlp").joinpath("corpus"))))
    understood = understand_posts([each for each in posts if each.is_ask], understander)
    for company in COMPANIES:
        outcomes = [
            play(company, understood, understander, taps=taps, seed=seed)
            for seed in range(1, runs + 1)
        ]
        typer.echo(repeat(outcomes))


def _make_table(rows: list[AdaptationRow]) -> Table:
    table = Table(
        "version", "state", "parent", "when", "who", "alerts unwanted", "wanted", "why not"
    )
    for row in rows:
        figures = row.figures
        table.add_row(
            str(row.version),
            row.state,
            "model" if row.parent is None else str(row.parent),
            f"{row.created_at:%Y-%m-%d %H:%M}",
            row.created_by,
            _say(figures.get("unwanted_alerts", "")),
            _say(figures.get("wanted_alerts", "")),
            _say(figures.get("reasons", "")),
        )
    return table


def _say(value: object) -> str:
    if isinstance(value, list) and len(value) == 2 and not isinstance(value[0], str):
        return f"{value[0]} -> {value[1]}"
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)
