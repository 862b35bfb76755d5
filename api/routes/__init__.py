"""The JSON API and the probes: one module a noun."""
