"""The probe of the image: a process that beats is healthy."""

import subprocess
import sys

import pytest
from pytest_httpserver import HTTPServer

from askwatch.clock import SystemClock
from tests.servers import ROOT


def probe(url: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "deploy" / "healthcheck.py"
    return subprocess.run(
        [sys.executable, str(script), url],
        capture_output=True,
        check=False,
        text=True,
        timeout=20,
    )


def serve_beat(httpserver: HTTPServer, *, age_s: float) -> str:
    beat = SystemClock().now().timestamp() - age_s
    text = f'# HELP x y\naskwatch_heartbeat_timestamp_seconds{{process="nlp"}} {beat!r}\n'
    httpserver.expect_request("/metrics").respond_with_data(text)
    return httpserver.url_for("/metrics")


def test_a_process_that_beats_is_healthy(httpserver: HTTPServer) -> None:
    assert probe(serve_beat(httpserver, age_s=3)).returncode == 0


def test_a_process_that_beats_no_more_is_not(httpserver: HTTPServer) -> None:
    done = probe(serve_beat(httpserver, age_s=45))
    assert done.returncode == 1
    assert "the last heartbeat is" in done.stderr


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_probe_address_is_healthy_when_it_says_so(
    httpserver: HTTPServer, status: int, code: int
) -> None:
    httpserver.expect_request("/healthz").respond_with_data("{}", status=status)
    assert probe(httpserver.url_for("/healthz")).returncode == code


def test_who_does_not_answer_is_not_healthy() -> None:
    done = probe("http://127.0.0.1:9/metrics")
    assert done.returncode == 1
    assert "does not answer" in done.stderr
