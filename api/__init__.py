"""Serves people and machines: the JSON API and the pages."""
