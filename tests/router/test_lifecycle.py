"""The tables by which everything moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askwatch.model.alert import LIVE_ALERT_STATES, AlertState, DeliveryState
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, FINAL_LEAD_STATES, LeadState
from router.lifecycle import (
    ALERT_TRANSITIONS,
    DELIVERY_TRANSITIONS,
    LEAD_TRANSITIONS,
    AlertEvent,
    ImpossibleTransitionError,
    LeadEvent,
    Transition,
    can_move_alert,
    check_lead,
    move_alert,
    print_tables,
)

WITHDRAWN = LeadState.WITHDRAWN


@given(st.sampled_from(sorted(FINAL_LEAD_STATES)), st.sampled_from(list(LeadEvent)))
def test_nothing_leads_out_of_a_final_state_but_erasure(state: LeadState, event: LeadEvent) -> None:
    targets = {row.target for row in LEAD_TRANSITIONS if (row.source, row.event) == (state, event)}
    assert targets <= {WITHDRAWN}
    assert not targets or event is LeadEvent.WITHDRAW


@given(st.lists(st.sampled_from(LEAD_TRANSITIONS), max_size=40))
def test_any_walk_of_the_table_stays_inside_it_and_ends_where_it_says(
    walk: list[Transition],
) -> None:
    state = LeadState.NEW
    for row in walk:
        if row.source != state:
            continue
        was_final = state in FINAL_LEAD_STATES
        state = check_lead(state, LeadEvent(row.event), LeadState(row.target))
        assert not was_final or state is WITHDRAWN


@pytest.mark.parametrize("state", sorted(set(LeadState) - FINAL_LEAD_STATES))
def test_every_open_state_can_be_withdrawn(state: LeadState) -> None:
    assert check_lead(state, LeadEvent.WITHDRAW, WITHDRAWN) is WITHDRAWN


@pytest.mark.parametrize("state", sorted(LeadState))
def test_exactly_the_claimable_states_can_be_claimed(state: LeadState) -> None:
    rows = [row for row in LEAD_TRANSITIONS if row.source == state and row.event == LeadEvent.CLAIM]
    assert bool(rows) is (state in CLAIMABLE_LEAD_STATES)


def test_every_state_is_reached_and_every_open_one_is_left() -> None:
    for states, rows, first in (
        (set(LeadState), LEAD_TRANSITIONS, {LeadState.NEW, LeadState.REVIEW}),
        (set(AlertState), ALERT_TRANSITIONS, {AlertState.PLANNED}),
        (set(DeliveryState), DELIVERY_TRANSITIONS, {DeliveryState.PENDING}),
    ):
        reached = {row.target for row in rows} | {str(each) for each in first}
        assert reached == {str(each) for each in states}
    left = {row.source for row in LEAD_TRANSITIONS}
    assert left >= {str(each) for each in set(LeadState) - FINAL_LEAD_STATES}


def test_an_alert_never_times_out_before_it_was_notified() -> None:
    sources = {row.source for row in ALERT_TRANSITIONS if row.event == AlertEvent.TIMEOUT}
    assert sources == {AlertState.NOTIFIED, AlertState.SEEN}


@pytest.mark.parametrize("state", sorted(LIVE_ALERT_STATES))
def test_every_live_alert_can_be_claimed_declined_and_cancelled(state: AlertState) -> None:
    assert move_alert(state, AlertEvent.CLAIM) is AlertState.ACCEPTED
    assert move_alert(state, AlertEvent.DECLINE) is AlertState.DECLINED
    assert move_alert(state, AlertEvent.CANCEL) is AlertState.CANCELLED


def test_no_row_stands_twice() -> None:
    for rows in (LEAD_TRANSITIONS, ALERT_TRANSITIONS, DELIVERY_TRANSITIONS):
        keys = [(row.source, row.event, row.target) for row in rows]
        assert len(keys) == len(set(keys))


def test_what_the_table_does_not_know_is_an_error_with_its_facts() -> None:
    with pytest.raises(ImpossibleTransitionError, match="nothing leads from closed by claim"):
        check_lead(LeadState.CLOSED, LeadEvent.CLAIM, LeadState.CLAIMED)
    with pytest.raises(ImpossibleTransitionError):
        move_alert(AlertState.ACCEPTED, AlertEvent.SNOOZE)
    assert not can_move_alert(AlertState.ACCEPTED, AlertEvent.SNOOZE)


def test_the_tables_are_printed_as_markdown() -> None:
    text = print_tables()
    assert "## Lead" in text
    assert "| claimed | answer | disclosure is stated | answered |" in text
    assert text.count("| --- | --- | --- | --- |") == 3
