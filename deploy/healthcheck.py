"""Ends with 0 when the process of this container is alive, with 1 and a reason when it is not.

    python healthcheck.py [URL]

Without an address it reads the metrics on ASKWATCH_METRICS_PORT, where every process but `api`
says when it last beat. Needs only the standard library, since it runs every few seconds.
"""
# ruff: noqa: INP001 - a script of the image, no module of ours

import os
import sys
import time
import urllib.error
import urllib.request

_HEARTBEAT = "askwatch_heartbeat_timestamp_seconds"
# Six missed beats, as the alert rules have it.
_OLDEST_BEAT_S = 30.0
_TIMEOUT_S = 4.0


def check(url: str) -> str:
    """Return what is wrong behind `url`; "" when nothing is."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own address
            text = answer.read().decode("utf-8", "replace")
    except (urllib.error.URLError, OSError) as error:
        return f"{url} does not answer: {error}"
    now = time.time()
    for line in text.splitlines():
        if line.startswith(_HEARTBEAT):
            age_s = now - float(line.rpartition(" ")[2])
            if age_s > _OLDEST_BEAT_S:
                return f"the last heartbeat is {age_s:.0f} s old"
    return ""


def main() -> int:
    """Check the address that was given, or this container's own metrics."""
    port = os.environ.get("ASKWATCH_METRICS_PORT", "9100")
    fault = check(sys.argv[1] if len(sys.argv) > 1 else f"http://127.0.0.1:{port}/metrics")
    if fault:
        sys.stderr.write(f"{fault}\n")
    return int(bool(fault))


if __name__ == "__main__":
    sys.exit(main())
