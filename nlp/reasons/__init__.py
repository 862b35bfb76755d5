"""Reasons: the spans of a post that spoke for or against an ask, by what hiding them changes."""

from nlp.reasons.finder import ReasonFinder
from nlp.reasons.hiding import hide

__all__ = ["ReasonFinder", "hide"]
