"""Trains and measures the language model from the corpus in the repository."""
