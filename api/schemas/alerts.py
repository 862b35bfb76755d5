"""Alerts over the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from askwatch.model.alert import AlertState, DeclineReason
from askwatch.state.alerts import AlertRow
from askwatch.state.leads import LeadRow


class AlertOut(BaseModel):
    """The decision to tell the caller about a lead; `because` says why them."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    alert_id: str
    lead_id: str
    state: AlertState
    because: tuple[dict[str, JsonValue], ...]
    planned_at: datetime
    notified_at: datetime | None
    seen_at: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    decline_reason: DeclineReason | None


class AlertedLead(BaseModel):
    """What an alert is about, in short."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    state: str
    revision: int
    title: str
    text: str
    lang: str
    url: str
    place: str
    author_name: str
    topic_id: str | None
    owner_id: str | None
    published_at: datetime
    expires_at: datetime


class MyAlert(BaseModel):
    """An alert with its lead."""

    model_config = ConfigDict(frozen=True)

    alert: AlertOut
    lead: AlertedLead


class MyAlerts(BaseModel):
    """The caller's alerts, newest first."""

    model_config = ConfigDict(frozen=True)

    alerts: tuple[MyAlert, ...] = Field(description="Newest first")


def read_my_alert(alert: AlertRow, lead: LeadRow) -> MyAlert:
    """Return an alert as it goes over the wire."""
    return MyAlert(alert=AlertOut.model_validate(alert), lead=AlertedLead.model_validate(lead))
