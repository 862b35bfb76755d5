"""The front door of the pages."""

from fastapi import FastAPI

from api.deps import Services


def add_pages(app: FastAPI, services: Services) -> None:
    """Add all pages to `app`, and `app.state.problem_page`, which shows people what went wrong."""
