"""Loaded once before processes are forked: what all of them need, and nothing that runs."""

import gc

import askwatch.backends
import askwatch.bus.sqlite
import askwatch.cli.run
import askwatch.search.sqlite
import askwatch.worker

__all__ = ["askwatch"]

# What is loaded by now stays shared between the processes: the collector never writes to it.
gc.freeze()
