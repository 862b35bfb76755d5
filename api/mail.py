"""Sends the one mail of the API: a link to sign in with."""

import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from askwatch.model.expert import Expert
from askwatch.settings import Settings

log = logging.getLogger(__name__)

_SUBJECT = {"en": "Your link to Askwatch", "da": "Dit link til Askwatch"}
_BODY = {
    "en": (
        "Hello {name},\n\nopen this link to sign in. It works once, for {minutes} minutes:\n\n"
        "{link}\n\nDid you not ask for it? Then nothing needs to be done.\n"
    ),
    "da": (
        "Hej {name}\n\nÅbn linket for at logge ind. Det virker én gang, i {minutes} minutter:\n\n"
        "{link}\n\nHar du ikke bedt om det? Så skal du ikke gøre noget.\n"
    ),
}


def send_sign_in_link(settings: Settings, expert: Expert, link: str, *, minutes: int) -> None:
    """Mail `link` to `expert`; a failure is logged, since nobody waits for the result."""
    if not settings.smtp_url:
        log.warning(
            "sign-in link not sent, no mail server is set", extra={"expert_id": expert.expert_id}
        )
        return
    mail = _compose(settings, expert, link, minutes)
    try:
        _send(settings, mail)
    except (OSError, smtplib.SMTPException) as error:
        # The text of an SMTP error may hold the address.
        log.error(  # noqa: TRY400 - the trace would show the same address
            "sign-in link not sent",
            extra={"expert_id": expert.expert_id, "reason": type(error).__name__},
        )
    else:
        log.info("sign-in link sent", extra={"expert_id": expert.expert_id})


def _compose(settings: Settings, expert: Expert, link: str, minutes: int) -> EmailMessage:
    locale = expert.locale if expert.locale in _BODY else "en"
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, expert.email
    mail["Subject"] = _SUBJECT[locale]
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=urlsplit(settings.public_url).hostname)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_BODY[locale].format(name=expert.name, minutes=minutes, link=link))
    return mail


def _send(settings: Settings, mail: EmailMessage) -> None:
    address = urlsplit(settings.smtp_url)
    host, timeout_s = address.hostname or "localhost", settings.smtp_timeout_s
    is_tls = address.scheme == "smtps"
    context = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(host, address.port or 465, timeout=timeout_s, context=context)
        if is_tls
        else smtplib.SMTP(host, address.port or 25, timeout=timeout_s)
    ) as connection:
        connection.ehlo()
        if not is_tls and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        if address.username:
            connection.login(unquote(address.username), unquote(address.password or ""))
        connection.send_message(mail)
