"""Signed links: a mail's link is good for one expert and one lead and for nothing else."""

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from askwatch.errors import NotAllowedError
from askwatch.model.ids import ExpertId, LeadId

_SALT = "askwatch.lead-link.1"


@dataclass(frozen=True, slots=True)
class LeadLink:
    """Whose link it is and which lead it opens."""

    expert_id: ExpertId
    lead_id: LeadId


def sign_lead_link(secret_key: str, link: LeadLink) -> str:
    """Return the token of a link; it stays good until the lead is final."""
    return str(_serializer(secret_key).dumps([link.expert_id, link.lead_id]))


def read_lead_link(secret_key: str, token: str) -> LeadLink:
    """Return what `token` stands for.

    Raises:
        NotAllowedError: The token was not signed by us.
    """
    try:
        expert_id, lead_id = _serializer(secret_key).loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotAllowedError("this link is damaged or not ours: open the mail again") from error
    return LeadLink(ExpertId(str(expert_id)), LeadId(str(lead_id)))


def lead_link_url(public_url: str, secret_key: str, link: LeadLink) -> str:
    """Return the address that a mail's button opens."""
    return f"{public_url}/a/{sign_lead_link(secret_key, link)}"


def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=_SALT)
