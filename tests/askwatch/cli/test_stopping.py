"""However often somebody presses Ctrl-C, the process ends."""

import signal
import subprocess
import sys

_WAIT = """
import threading
from askwatch.cli.stopping import stop_on_signals
stop = threading.Event()
stop_on_signals(stop)
print("up", flush=True)
while not stop.wait(0.0001):
    pass
stop.wait()
"""


def test_many_signals_at_once_stop_a_process_that_waits() -> None:
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", _WAIT], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT) * 10:
                if process.poll() is None:
                    process.send_signal(number)
            try:
                process.wait(timeout=20)
            finally:
                process.kill()
        assert process.returncode in {0, -signal.SIGINT, -signal.SIGTERM}
