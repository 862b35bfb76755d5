"""Turns Ctrl-C and SIGTERM into an event."""

import signal
import threading


def stop_on_signals(stop: threading.Event) -> None:
    """Set `stop` at SIGINT and SIGTERM; call it from the main thread."""

    def end(_number: int, _frame: object) -> None:
        # Not here: the code that a signal interrupts may hold the event's lock, be it in waiting
        # for the event or in the handler of the signal before.
        threading.Thread(target=stop.set, name="stop", daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
