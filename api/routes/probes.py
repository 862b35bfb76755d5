"""Probes for machines: alive, ready, metrics."""

import os

from fastapi import APIRouter, Request, Response
from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import BaseModel, ConfigDict

from api.deps import GivenServices
from askwatch.health import Health, check_health

routes = APIRouter(tags=["probes"])


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True)

    state: str = "ok"


@routes.get("/healthz", summary="Is the process alive")
def show_alive() -> Alive:
    """Answer; nothing else is looked at, so that a database's failure restarts nobody."""
    return Alive()


@routes.get(
    "/readyz",
    summary="Can it work",
    responses={503: {"model": Health, "description": "A back end that is needed is away"}},
)
def show_ready(services: GivenServices, response: Response) -> Health:
    """Ask every back end; without the index only the feed's search does not work."""
    health = check_health(database=services.database, bus=services.bus, index=services.index)
    if health.state == "down":
        response.status_code = 503
    return health


@routes.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show_metrics(request: Request) -> Response:
    """Show all metrics, of all processes where they share a folder for that."""
    registry = OWN
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # not annotated there
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=media_type)
