"""What every index must do while a new version of it is built, whatever stands behind it."""

import pytest

from askwatch.errors import FencedError
from askwatch.model.ids import LeadId
from askwatch.search.base import LeadIndex
from tests.contracts.indexes import OpenIndex, find, make_document, put


def test_a_rebuild_is_invisible_until_it_is_finished(open_index: OpenIndex) -> None:
    index, other = open_index(), open_index()
    put(index, make_document("old", "gammel"))
    version = index.begin_rebuild()
    index.put_rebuild(version, [make_document("new", "ny")])
    index.refresh()
    assert find(other) == ["old"]
    index.finish_rebuild(version)
    assert find(other) == ["new"]
    assert (find(other, "gammel"), find(other, "ny")) == ([], ["new"])


def test_what_other_processes_write_meanwhile_is_in_both_versions(open_index: OpenIndex) -> None:
    index, other = open_index(), open_index()
    put(other, make_document("1", "en", revision=1), make_document("2", "to"))
    version = index.begin_rebuild()
    put(other, make_document("1", "en ny", revision=2), make_document("3", "tre"))
    assert find(other) == ["1", "2", "3"]
    # The rebuild reads rows that may have been read before the change.
    index.put_rebuild(version, [make_document("1", "en", revision=1), make_document("2", "to")])
    other.delete([LeadId("2")])
    index.finish_rebuild(version)
    assert find(other) == ["1", "3"]
    assert find(other, "ny") == ["1"]
    put(other, make_document("4"))
    put(index, make_document("5"))
    assert find(index) == find(other) == ["1", "3", "4", "5"]


def test_the_next_rebuild_drops_what_a_dead_one_left_behind(open_index: OpenIndex) -> None:
    index, other = open_index(), open_index()
    put(index, make_document("1"))
    dead = index.begin_rebuild()
    index.put_rebuild(dead, [make_document("1"), make_document("leftover")])
    version = other.begin_rebuild()
    with pytest.raises(FencedError):
        index.put_rebuild(dead, [make_document("late")])
    with pytest.raises(FencedError):
        index.finish_rebuild(dead)
    index.abandon_rebuild(dead)
    other.put_rebuild(version, [make_document("1")])
    other.finish_rebuild(version)
    assert find(index) == ["1"]


def test_an_abandoned_rebuild_leaves_everything_as_it_was(index: LeadIndex) -> None:
    put(index, make_document("1"))
    version = index.begin_rebuild()
    index.put_rebuild(version, [make_document("2")])
    index.abandon_rebuild(version)
    index.abandon_rebuild(version)
    index.refresh()
    assert find(index) == ["1"]
    with pytest.raises(FencedError):
        index.put_rebuild(version, [make_document("3")])
    with pytest.raises(FencedError):
        index.finish_rebuild(version)
    put(index, make_document("4"))
    assert find(index) == ["1", "4"]


def test_a_finished_rebuild_is_over(index: LeadIndex) -> None:
    version = index.begin_rebuild()
    index.finish_rebuild(version)
    index.abandon_rebuild(version)
    with pytest.raises(FencedError):
        index.put_rebuild(version, [make_document("1")])
    put(index, make_document("2"))
    assert find(index) == ["2"]


def test_the_live_version_cannot_be_abandoned(index: LeadIndex) -> None:
    put(index, make_document("1"))
    first = index.begin_rebuild()
    index.finish_rebuild(first)
    put(index, make_document("2"))
    index.abandon_rebuild(first)
    assert find(index) == ["2"]


def test_one_rebuild_follows_another(index: LeadIndex) -> None:
    names = set()
    for number in range(3):
        version = index.begin_rebuild()
        index.put_rebuild(version, [make_document(str(number))])
        index.finish_rebuild(version)
        names.add(version)
        assert find(index) == [str(number)]
    assert len(names) == 3
