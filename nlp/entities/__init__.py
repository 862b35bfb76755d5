"""Finds the named things of an ask, each with its span and a normalised value."""

from nlp.entities.finder import EntityFinder

__all__ = ["EntityFinder"]
