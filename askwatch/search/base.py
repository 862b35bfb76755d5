"""The interface of the opportunity feed's index; `sqlite.py` and `elastic.py` keep it."""

from collections.abc import Sequence
from typing import Protocol

from askwatch.model.ids import LeadId
from askwatch.search.query import LeadDocument, LeadPage, LeadQuery


class LeadIndex(Protocol):
    """Finds leads. Writes are visible to searches within one second, or at once after refresh."""

    def ensure(self) -> None:
        """Create the index and its alias if there is none."""
        ...

    def put(self, documents: Sequence[LeadDocument]) -> None:
        """Write documents; one whose revision is older than what is there changes nothing.

        Every document's own result is looked at. While a rebuild runs, both versions are written.

        Raises:
            BackendUnavailableError: Nothing or only a part was written: put all of them again.
            BadRecordError: The index refuses a document for good; the message names it.
        """
        ...

    def delete(self, lead_ids: Sequence[LeadId]) -> None:
        """Remove documents; unknown ids are fine. Used for stubs whose retention is over.

        What is removed may be written again with any revision, but not necessarily within the
        next minute.
        """
        ...

    def search(self, query: LeadQuery) -> LeadPage:
        """Return one page. Field-sorted order and facets are the same on every back end.

        Raises:
            InvalidRequestError: A filter, limit or cursor that cannot be.
            BackendUnavailableError: The index did not answer.
        """
        ...

    def refresh(self) -> None:
        """Make all writes visible now."""
        ...

    def count(self) -> int:
        """Return the number of documents that searches see, withdrawn ones among them."""
        ...

    def begin_rebuild(self) -> str:
        """Create a new empty version, written besides the live one from now on; return its name.

        A version that an earlier rebuild left behind is dropped; should that rebuild still run,
        its next call raises FencedError.
        """
        ...

    def put_rebuild(self, version: str, documents: Sequence[LeadDocument]) -> None:
        """Write documents into the version under construction only, by the rules of `put`.

        Raises:
            FencedError: Another rebuild has begun, or this one was finished or abandoned.
        """
        ...

    def finish_rebuild(self, version: str) -> None:
        """Let searches see `version` from now on, in all processes, and drop the old one.

        Raises:
            FencedError: As `put_rebuild`.
        """
        ...

    def abandon_rebuild(self, version: str) -> None:
        """Drop a version under construction; any other version is left alone."""
        ...

    def check(self) -> None:
        """Raise BackendUnavailableError unless the index answers."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...
