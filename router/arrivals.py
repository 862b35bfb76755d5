"""What a record of the stream `leads` does: leads are made, merged, changed, withdrawn."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import JsonValue

from askwatch.errors import BadRecordError
from askwatch.events import LeadKind, LeadRecord
from askwatch.model.feedback import Features, FeedbackKind
from askwatch.model.ids import LeadId
from askwatch.model.lead import FINAL_LEAD_STATES, Lane, LeadState, Understanding
from askwatch.model.post import Post, join_title
from askwatch.state import bands, feedback, hand_ins, handled, lead_writes, suppression, timers
from askwatch.state.leads import LeadLinkRow, LeadRow, find_by_post, find_lead, list_links
from router import moves, planning
from router.copies import is_copy
from router.lifecycle import AlertEvent, LeadEvent, check_lead
from router.rows import MEANING_FIELDS, TEXT_FIELDS, make_lead, make_link, take_over
from router.step import Step

GROUP = "router"
# Re-shares come within a week; an older ask in the same words is a new one (ROUTING: merging).
_COPY_AGE = timedelta(days=7)
_UNCLAIMED = frozenset(
    {LeadState.REVIEW, LeadState.NEW, LeadState.HELD, LeadState.ALERTING, LeadState.POOLED}
)
_ERASED = frozenset({LeadState.WITHDRAWN, LeadState.DISMISSED})
_PLANNED = frozenset({LeadState.HELD, LeadState.ALERTING, LeadState.POOLED})


def apply(step: Step, record: LeadRecord) -> None:
    """Give a record its effect, once: a second time nothing happens.

    Raises:
        BadRecordError: A record of this kind must carry what this one lacks.
    """
    if not handled.note(step.transaction, GROUP, record.event_id, now=step.now):
        step.tally.leads["repeated"] += 1
        return
    if record.kind is LeadKind.FOUND:
        _find(step, *_read(record))
    elif record.kind is LeadKind.CHANGED:
        # An edited post that never was a lead comes without its text.
        if record.post is not None and record.understanding is not None:
            _change(step, record.post, record.understanding, record.author_hash)
        else:
            _change_to_nothing(step, record)
    elif record.kind is LeadKind.WITHDRAWN:
        _withdraw(step, record)
    else:
        _remove_author(step, record)


def _read(record: LeadRecord) -> tuple[Post, Understanding, str]:
    if record.post is None or record.understanding is None:
        raise BadRecordError(f"a {record.kind} record without its post or understanding")
    return record.post, record.understanding, record.author_hash


def _find(step: Step, post: Post, understanding: Understanding, author_hash: str) -> None:
    link = find_by_post(step.transaction, post.source_id, post.post_id)
    if link is not None:
        # Found twice, e.g. by two collectors; a newer revision counts as an edit.
        _change(step, post, understanding, author_hash)
        return
    gone_since = bands.find_tombstone(step.transaction, post.source_id, post.post_id)
    if post.revision <= gone_since:
        step.tally.leads["gone already"] += 1
        return
    if suppression.is_suppressed(step.transaction, author_hash):
        step.tally.leads["suppressed"] += 1
        return
    lead_id = None
    if understanding.lane is not Lane.NONE:
        lead_id = _create_or_merge(step, post, understanding, author_hash)
    _answer_hand_in(step, post, understanding, lead_id, author_hash)


def _create_or_merge(
    step: Step, post: Post, understanding: Understanding, author_hash: str
) -> LeadId:
    copy_of = _find_copy(step, post, understanding.signature, author_hash)
    if copy_of is not None:
        _merge(step, copy_of, post, understanding, author_hash)
        return copy_of.lead_id
    lead = planning.create(step, make_lead(step, post, understanding, author_hash))
    link = make_link(step, lead.lead_id, post, author_hash)
    lead_writes.insert_link(step.transaction, link)
    bands.put_bands(step.transaction, lead.lead_id, understanding.signature, now=step.now)
    _remember(step, lead.lead_id, understanding)
    return lead.lead_id


def _remember(step: Step, lead_id: LeadId, understanding: Understanding) -> None:
    """Keep what was understood, so that it can be learned from when somebody taps."""
    features = Features.of(understanding)
    feedback.put_features(step.transaction, lead_id, features, now=step.now)


def _find_copy(
    step: Step, post: Post, signature: Sequence[str], author_hash: str
) -> LeadRow | None:
    """Return the open lead, locked, that says what the post says; keys only tell where to look."""
    since = step.now - _COPY_AGE
    for lead_id in bands.find_copies(step.transaction, signature, since=since):
        lead = find_lead(step.transaction, lead_id)
        said = join_title(lead.title, lead.text)
        is_same_author = bool(author_hash) and author_hash == lead.author_hash
        if is_copy(said, post.full_text, is_same_author=is_same_author):
            lead = find_lead(step.transaction, lead_id, for_update=True)
            if lead.state not in FINAL_LEAD_STATES:
                return lead
    return None


def _merge(
    step: Step, lead: LeadRow, post: Post, understanding: Understanding, author_hash: str
) -> None:
    """Give an open lead one more place; a copy that is certain takes it out of the review."""
    lead_writes.insert_link(step.transaction, make_link(step, lead.lead_id, post, author_hash))
    lead = lead_writes.update_lead(step.transaction, lead, kind="lead.changed", now=step.now)
    step.tally.leads["merged"] += 1
    if lead.state is LeadState.REVIEW and understanding.lane is Lane.ALERT:
        promote(step, lead)


def promote(step: Step, lead: LeadRow) -> LeadRow:
    """Take a lead out of the review: it is planned like one found for certain."""
    state = check_lead(lead.state, LeadEvent.PROMOTE, LeadState.NEW)
    lead = lead_writes.update_lead(
        step.transaction, lead, kind="lead.promoted", now=step.now, state=state, lane=Lane.ALERT
    )
    step.tally.leads["promoted"] += 1
    return planning.replan(step, lead, LeadEvent.PLAN)


def _change(step: Step, post: Post, understanding: Understanding, author_hash: str) -> None:
    link = find_by_post(step.transaction, post.source_id, post.post_id)
    if link is None:
        _find(step, post, understanding, author_hash)
        return
    if post.revision <= link.post_revision:
        step.tally.leads["older revision"] += 1
        return
    lead_writes.update_link(
        step.transaction,
        post.source_id,
        post.post_id,
        post_revision=post.revision,
        url=post.url,
        author_hash=author_hash,
    )
    lead = find_lead(step.transaction, link.lead_id, for_update=True)
    _answer_hand_in(step, post, understanding, lead.lead_id, author_hash)
    # A lead speaks with the words of one of its posts; an edit of another changes only its link.
    if lead.state in FINAL_LEAD_STATES or not _is_primary(lead, link):
        return
    if understanding.lane is Lane.NONE and lead.state in _UNCLAIMED:
        reason = "the post was edited and asks nothing now"
        moves.end_lead(step, lead, LeadEvent.EDIT_AWAY, LeadState.DISMISSED, reason)
        return
    _store_edit(step, lead, post, understanding)


def _store_edit(step: Step, lead: LeadRow, post: Post, understanding: Understanding) -> None:
    topic_before = lead.topic_id
    edited = make_lead(step, post, understanding, lead.author_hash)
    # What is known of a claimed lead's topic stays: an edit to "solved, thanks" has none.
    keeps_topic = lead.state not in _UNCLAIMED and understanding.lane is Lane.NONE
    names = TEXT_FIELDS if keeps_topic else (*TEXT_FIELDS, *MEANING_FIELDS)
    changes = {name: getattr(edited, name) for name in names}
    kind = "lead.changed"
    lead = lead_writes.update_lead(step.transaction, lead, kind=kind, now=step.now, **changes)
    bands.put_bands(step.transaction, lead.lead_id, understanding.signature, now=step.now)
    if not keeps_topic:
        _remember(step, lead.lead_id, understanding)
    step.tally.leads["changed"] += 1
    if lead.state is LeadState.REVIEW and understanding.lane is Lane.ALERT:
        promote(step, lead)
    elif lead.state in _PLANNED and lead.topic_id != topic_before:
        moves.end_alerts(step, lead, AlertEvent.CANCEL)
        timers.drop_timers(step.transaction, lead.lead_id)
        planning.replan(step, lead, LeadEvent.CHANGE_TOPIC)
    elif lead.state is LeadState.CLAIMED:
        alert = moves.accepted_alert(step, lead)
        if alert is not None:
            planning.add_notice(step, alert, kind="notice")


def _change_to_nothing(step: Step, record: LeadRecord) -> None:
    link = find_by_post(step.transaction, record.source_id, record.post_id)
    if link is None or record.revision <= link.post_revision:
        return
    lead = find_lead(step.transaction, link.lead_id, for_update=True)
    if lead.state in _UNCLAIMED and _is_primary(lead, link):
        reason = "the post was edited and asks nothing now"
        moves.end_lead(step, lead, LeadEvent.EDIT_AWAY, LeadState.DISMISSED, reason)


def _withdraw(step: Step, record: LeadRecord) -> None:
    source_id, post_id = record.source_id, record.post_id
    bands.put_tombstone(step.transaction, source_id, post_id, record.revision, now=step.now)
    feedback.erase_of_post(step.transaction, source_id, post_id)
    link = find_by_post(step.transaction, source_id, post_id)
    if link is not None and record.revision >= link.post_revision:
        _withdraw_link(step, link, "the post was deleted")


def _remove_author(step: Step, record: LeadRecord) -> None:
    """Withdraw every ask of an author, and let none come after it."""
    if not record.author_hash:
        raise BadRecordError("an author_removed record without the author's hash")
    reason = "account_deleted"
    suppression.add(step.transaction, record.author_hash, reason, now=step.now)
    feedback.erase_of_author(step.transaction, record.author_hash)
    links = lead_writes.list_links_of_author(step.transaction, record.source_id, record.author_hash)
    lead_writes.lock_leads(step.transaction, [link.lead_id for link in links])
    for link in links:
        bands.put_tombstone(
            step.transaction, link.source_id, link.post_id, link.post_revision, now=step.now
        )
        _withdraw_link(step, link, "its author is gone")


def _withdraw_link(step: Step, link: LeadLinkRow, reason: str) -> None:
    """Take one place of a lead away; the lead goes with its last one.

    When its first place goes and others are left, the lead stays with its words, which stand
    there as well, under the link of the next; whose words they were is no longer said.
    """
    lead_writes.withdraw_link(step.transaction, link)
    lead = find_lead(step.transaction, link.lead_id, for_update=True)
    left = [each for each in list_links(step.transaction, lead.lead_id) if not each.is_withdrawn]
    if lead.state in _ERASED:
        return
    if not left:
        moves.end_lead(step, lead, LeadEvent.WITHDRAW, LeadState.WITHDRAWN, reason)
        return
    changes = take_over(left[0]) if _is_primary(lead, link) else {}
    kind = "lead.changed"
    lead_writes.update_lead(step.transaction, lead, kind=kind, now=step.now, **changes)
    step.tally.leads["link withdrawn"] += 1


def _is_primary(lead: LeadRow, link: LeadLinkRow) -> bool:
    return (lead.source_id, lead.post_id) == (link.source_id, link.post_id)


def _answer_hand_in(
    step: Step,
    post: Post,
    understanding: Understanding,
    lead_id: LeadId | None,
    author_hash: str,
) -> None:
    """Tell the colleague who brought the post what came of it.

    What would have told nobody by itself is learned from: somebody found it worth bringing.
    """
    if post.handed_in_by is None:
        return
    if understanding.lane is not Lane.ALERT:
        missed = feedback.Tap(
            kind=FeedbackKind.MISSED,
            given_by=f"expert:{post.handed_in_by}",
            given_at=step.now,
            post_hash=feedback.hash_post(post.source_id, post.post_id),
            author_hash=author_hash,
            features=Features.of(understanding),
            lead_id=lead_id,
        )
        feedback.give(step.transaction, missed)
    verdict: dict[str, JsonValue] = {
        "intent": understanding.intent.value,
        "probability": understanding.probability,
        "lang": understanding.lang,
        "lane": understanding.lane.value,
        "topics": [each.topic_id for each in understanding.topics],
    }
    hand_ins.set_verdict(
        step.transaction,
        post.source_id,
        post.post_id,
        lead_id=lead_id,
        verdict=verdict,
        state=hand_ins.NOT_FOUND if lead_id is None else hand_ins.FOUND,
        now=step.now,
    )
