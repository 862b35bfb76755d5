"""Applying a company file: what it says is what there is afterwards."""

from datetime import UTC, datetime

from askwatch.cli import company
from askwatch.cli.company_file import Company, parse_company
from askwatch.state import audit, experts, policies, sources, topics
from askwatch.state.engine import Database
from tests.askwatch.cli.test_company_file import GOOD

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def read(text: str) -> Company:
    return parse_company(text, "company.toml")


def apply(database: Database, text: str) -> list[str]:
    changes = database.write(lambda tx: company.apply(tx, read(text), actor="cli", now=NOW))
    return [str(change) for change in changes]


def test_a_company_is_brought_in_once(database: Database) -> None:
    assert database.read(company.is_empty)
    assert apply(database, GOOD) == [
        "+ topic identity",
        "+ topic hosting",
        "+ expert mette",
        "+ source forum",
        "+ policy routing",
        "+ policy company",
    ]
    assert not database.read(company.is_empty)
    assert apply(database, GOOD) == []
    (entry,) = database.read(audit.list_entries)
    assert (entry.actor, entry.action) == ("cli", "company.apply")


def test_a_change_names_its_fields(database: Database) -> None:
    apply(database, GOOD)
    text = GOOD.replace("Mette Holm", "Mette H").replace("600", "700").replace("latest", "new")
    assert apply(database, text) == [
        "~ expert mette (name)",
        "~ source forum (url)",
        "~ policy routing (timeout_normal_s)",
    ]
    assert database.read(lambda tx: policies.find_policy(tx, "routing")).version == 2


def test_what_the_file_no_longer_names_goes(database: Database) -> None:
    apply(database, GOOD)
    assert apply(database, '[[topics]]\nid = "identity"\nname = "Identity"\n') == [
        "~ topic identity (phrases)",
        "- topic hosting",
        "- expert mette",
        "- source forum",
    ]
    assert [each.topic_id for each in database.read(topics.list_topics)] == ["identity"]
    assert database.read(sources.list_sources) == []
    (mette,) = database.read(experts.list_experts)
    assert not mette.is_active
    assert "~ expert mette (is_active)" in apply(database, GOOD)


def test_a_dry_run_changes_nothing(database: Database) -> None:
    changes = database.read(lambda tx: company.find_changes(tx, read(GOOD)))
    assert len(changes) == 6
    assert database.read(topics.list_topics) == []
