"""Brings a company file into the database: what it says is what there is afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from pydantic import BaseModel

from askwatch.cli.company_file import Company, CompanyFileError, parse_company
from askwatch.errors import ConfigurationError
from askwatch.model.source import Source
from askwatch.state import audit, experts, policies, sources, topics
from askwatch.state.audit import AuditEntry
from askwatch.state.engine import Transaction
from askwatch.state.hand_ins import HAND_IN_SOURCE

# The section [company]; the words of mails and reply drafts.
_COMPANY = "company"
_DEMONSTRATION = "askwatch/resources/demo_company.toml"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: action is add, change or remove; fields are what changed."""

    action: str
    kind: str
    identity: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        sign = {"add": "+", "change": "~", "remove": "-"}[self.action]
        detail = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{sign} {self.kind} {self.identity}{detail}"


def demonstration() -> Company:
    """Return the company that is shown when none is configured."""
    text = files("askwatch").joinpath("resources/demo_company.toml").read_text(encoding="utf-8")
    return parse_company(text, _DEMONSTRATION)


def check_policies(company: Company, path: str) -> None:
    """Raise CompanyFileError unless every policy of the file is one that somebody reads."""
    from router.policy import POLICY_NAME, parse_policy

    faults = []
    for name, body in company.policies.items():
        if name == POLICY_NAME:
            try:
                parse_policy(body)
            except ConfigurationError as error:
                faults.append(f"policies.{name}: {error}")
        elif name != _COMPANY:
            faults.append(f"policies.{name}: there is no such policy, only {POLICY_NAME}")
    if faults:
        raise CompanyFileError(path, faults)


def is_empty(transaction: Transaction) -> bool:
    """Tell whether nobody has configured anything yet."""
    configured = [each for each in sources.list_sources(transaction) if not _is_hand_in(each)]
    return not (configured or topics.list_topics(transaction) or experts.list_experts(transaction))


def find_changes(transaction: Transaction, company: Company) -> list[Change]:
    """Return what `apply` would do, in order."""
    known_sources = [each for each in sources.list_sources(transaction) if not _is_hand_in(each)]
    active = experts.list_experts(transaction, only_active=True)
    wanted = {each.expert_id for each in company.experts}
    inactive = [
        each
        for each in experts.list_experts(transaction)
        if not each.is_active and each.expert_id in wanted
    ]
    return [
        *_compare("topic", "topic_id", topics.list_topics(transaction), company.topics),
        *_compare("expert", "expert_id", [*active, *inactive], company.experts),
        *_compare("source", "source_id", known_sources, company.sources),
        *_compare_policies(transaction, company),
    ]


def apply(transaction: Transaction, company: Company, *, actor: str, now: datetime) -> list[Change]:
    """Make the database say what the company file says; the same file again changes nothing."""
    changes = find_changes(transaction, company)
    by_id: Mapping[str, Mapping[str, Any]] = {
        "topic": {each.topic_id: each for each in company.topics},
        "expert": {each.expert_id: each for each in company.experts},
        "source": {each.source_id: each for each in company.sources},
    }
    for change in changes:
        wanted = by_id.get(change.kind, {}).get(change.identity)
        if change.kind == "policy":
            body = company.policies.get(change.identity, {})
            policies.put_policy(transaction, change.identity, body, now=now)
        elif wanted is None:
            _remove(transaction, change, now)
        elif change.kind == "topic":
            topics.put_topic(transaction, wanted, now=now)
        elif change.kind == "expert":
            experts.put_expert(transaction, wanted, now=now)
        else:
            sources.put_source(transaction, wanted, now=now)
    if changes:
        told = [str(change) for change in changes]
        entry = AuditEntry(
            at=now, actor=actor, action="company.apply", object_id="company",
            detail={"changes": list(told)},
        )  # fmt: skip
        audit.note(transaction, entry)
    return changes


def _remove(transaction: Transaction, change: Change, now: datetime) -> None:
    if change.kind == "topic":
        topics.remove_topic(transaction, change.identity)  # type: ignore[arg-type]  # it came from the row
    elif change.kind == "source":
        sources.remove_source(transaction, change.identity)  # type: ignore[arg-type]  # as above
    else:
        # Claims and alerts name the expert: the row stays, nobody is told through it.
        old = experts.find_expert(transaction, change.identity)  # type: ignore[arg-type]  # as above
        experts.put_expert(transaction, old.model_copy(update={"is_active": False}), now=now)


def _compare(
    kind: str, id_field: str, old: Iterable[BaseModel], new: Iterable[BaseModel]
) -> list[Change]:
    before = {str(getattr(each, id_field)): each.model_dump() for each in old}
    after = {str(getattr(each, id_field)): each.model_dump() for each in new}
    changes = []
    for identity, values in after.items():
        if identity not in before:
            changes.append(Change("add", kind, identity))
        elif values != before[identity]:
            fields = tuple(name for name in values if values[name] != before[identity].get(name))
            changes.append(Change("change", kind, identity, fields))
    gone = [Change("remove", kind, identity) for identity in before if identity not in after]
    return changes + gone


def _compare_policies(transaction: Transaction, company: Company) -> list[Change]:
    changes = []
    for name, body in company.policies.items():
        row = policies.find_policy(transaction, name)
        if row.version == 0 and body:
            changes.append(Change("add", "policy", name))
        elif row.body != body:
            names = sorted({*row.body, *body})
            fields = tuple(each for each in names if row.body.get(each) != body.get(each))
            changes.append(Change("change", "policy", name, fields))
    return changes


def _is_hand_in(source: Source) -> bool:
    return source.source_id == HAND_IN_SOURCE
