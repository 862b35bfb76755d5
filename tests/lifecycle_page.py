"""Makes docs/lifecycle.md from the tables in code: `python -m tests.lifecycle_page` writes it."""

from router.lifecycle import print_tables
from tests.servers import ROOT

PATH = ROOT / "docs" / "lifecycle.md"
_HEAD = """# Life cycle

How leads, alerts and deliveries move, printed from the tables in `router/lifecycle.py` that the
code itself obeys: nothing moves but by a row of them. `python -m tests.lifecycle_page` writes this
page anew.

"""


def make_page() -> str:
    """Return what the page must say."""
    return _HEAD + print_tables()


if __name__ == "__main__":
    PATH.write_text(make_page(), encoding="utf-8")
