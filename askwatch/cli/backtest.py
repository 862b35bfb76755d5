"""`askwatch backtest`: shows what a change would find, lose and alert, before it is applied."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from askwatch.backends import Backends
from askwatch.cli.options import DataOption, backends_of
from askwatch.clock import SystemClock
from askwatch.errors import ConfigurationError
from askwatch.model.backtest import MOST_POSTS, BacktestRequest, BacktestResult
from askwatch.model.ids import PostId, SourceId
from askwatch.model.post import Post


class _Line(BaseModel):
    """What a line of a file must say; other fields are not read."""

    id: str
    text: str
    url: str = ""


def backtest(  # noqa: PLR0913 - every part of a configuration can be tried
    *,
    file: Annotated[
        Path | None,
        typer.Option(help='JSON Lines with "id" and "text"; default what is on the stream.'),
    ] = None,
    company: Annotated[Path | None, typer.Option(help="company.toml whose topics to try.")] = None,
    alert: Annotated[float | None, typer.Option(help="Threshold of an alert to try.")] = None,
    review: Annotated[float | None, typer.Option(help="Threshold of the review to try.")] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder to try.")] = None,
    adaptation: Annotated[
        int | None, typer.Option(min=0, help="Version to try; 0: the model alone.")
    ] = None,
    most_posts: Annotated[int, typer.Option(min=1, help="Read no more posts.")] = MOST_POSTS,
    most_seconds: Annotated[float, typer.Option(min=1, help="Stop after so long.")] = 300.0,
    data: DataOption = None,
) -> None:
    """Compare a change with the present configuration, on the stream's last day or on a file."""
    from pydantic import ValidationError

    from askwatch.cli.company_file import read_company

    topics = read_company(company).topics if company else None
    try:
        request = BacktestRequest(alert=alert, review=review, adaptation=adaptation)
    except ValidationError as error:
        raise ConfigurationError(
            "a threshold lies between 0 and 1: "
            + "; ".join(f"--{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        ) from None
    if topics is not None:
        active = tuple(each for each in topics if each.is_active)
        request = request.model_copy(update={"topics": active})
    with backends_of(data) as backends:
        result = _run(backends, request, file=file, model=model, bounds=(most_posts, most_seconds))
    _print(result)


def _run(
    backends: Backends,
    request: BacktestRequest,
    *,
    file: Path | None,
    model: Path | None,
    bounds: tuple[int, float],
) -> BacktestResult:
    from nlp.backtest import Backtest, read_stream
    from nlp.configured import ConfiguredUnderstander
    from nlp.duties import read_configurations

    present = ConfiguredUnderstander(backends.settings.model_dir)
    before, after = read_configurations(backends.database, request)
    test = Backtest(
        present=present,
        proposed=present if model is None else ConfiguredUnderstander(model),
        before=before,
        after=after,
        clock=SystemClock(),
    )
    posts = read_stream(backends.bus, backends.database) if file is None else _read_file(file)
    return test.run(posts, most_posts=bounds[0], most_seconds=bounds[1])


def _read_file(path: Path) -> Iterator[Post]:
    """Yield the posts of a file; broken lines are told and left out."""
    from pydantic import ValidationError

    now = SystemClock().now()
    try:
        lines = path.open("rb")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    with lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                read = _Line.model_validate_json(line)
            except ValidationError:
                typer.echo(f'line {number}: no JSON object with "id" and "text"', err=True)
                continue
            yield Post(
                source_id=SourceId("file"),
                post_id=PostId(read.id),
                text=read.text,
                url=read.url,
                published_at=now,
                observed_at=now,
            )


def _print(result: BacktestResult) -> None:
    typer.echo(f"posts         {result.posts} in {result.seconds:.1f} s")
    if result.cut:
        typer.echo(f"              {result.cut}: there are more")
    for name in ("alert", "review", "none"):
        before, after = getattr(result.before, name), getattr(result.after, name)
        typer.echo(f"{name:13} {before} now, {after} with the change")
    typer.echo(f"leads         {result.found} found that are none now, {result.lost} lost")
    typer.echo(f"alerts        {result.alerts_gained} gained, {result.alerts_lost} lost")
    for each in result.examples:
        chances = f"{each.probability_before:.2f} -> {each.probability_after:.2f}"
        post = f"{each.source_id}/{each.post_id} {each.url}"
        typer.echo(f"  {each.before} -> {each.after}  {chances}  {post}".rstrip())
