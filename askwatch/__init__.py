"""Askwatch: no public question that the company could answer goes unanswered."""

__version__ = "0.1.0"
