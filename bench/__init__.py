"""Measures every stage and the whole way, each as a ratio to a baseline of the same run."""
