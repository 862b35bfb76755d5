"""The command line: the only place that knows all stages, and only inside its commands."""
