"""Log lines carry fields, in JSON or in words."""

import logging

import orjson
import pytest

from askwatch.observe import JsonFormatter, TextFormatter, configure_logging


def make_record() -> logging.LogRecord:
    record = logging.makeLogRecord(
        {"name": "router", "levelname": "INFO", "levelno": logging.INFO, "msg": "alert delivered"}
    )
    record.alert_id, record.attempt = "a1", 2
    return record


def test_a_json_line_holds_event_and_fields() -> None:
    line = orjson.loads(JsonFormatter().format(make_record()))
    assert (line["event"], line["alert_id"], line["attempt"]) == ("alert delivered", "a1", 2)
    assert line["logger"] == "router"


def test_a_text_line_is_readable() -> None:
    line = TextFormatter().format(make_record())
    assert line.endswith("router: alert delivered alert_id=a1 attempt=2")


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_trace_is_kept(formatter: logging.Formatter) -> None:
    record = make_record()
    try:
        int("wrong")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    assert "ValueError: invalid literal" in formatter.format(record)


def test_logs_go_to_standard_error_in_the_format_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        configure_logging("INFO", "json")
        logging.getLogger("test").info("hello", extra={"count": 1})
        assert orjson.loads(capsys.readouterr().err)["count"] == 1
        configure_logging("WARNING", "text")
        logging.getLogger("test").info("quiet")
        assert capsys.readouterr().err == ""
    finally:
        root.handlers[:], root.level = before
