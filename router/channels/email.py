"""E-mail over SMTP: text and HTML, one button, a link for this expert and this lead alone."""

import html
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from askwatch.clock import Clock
from askwatch.errors import ConfigurationError
from askwatch.settings import Settings
from router.channels.base import Card, ChannelRejectedError, ChannelUnavailableError
from router.words import describe_because, describe_told, format_age, say

_NAME = "email"
_SMTP_PORT, _SMTPS_PORT = 25, 465
# A mail has at most 120 words; what is said around the quote takes up to 80.
_QUOTE_WORDS = 40
_QUOTE_CHARACTERS = 400
_SUBJECT_CHARACTERS = 120


class EmailChannel:
    """Opens a connection for each mail: a kept one would be closed by most servers anyway."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        parts = urlsplit(settings.smtp_url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ConfigurationError(
                "ASKWATCH_SMTP_URL must look like smtp://[user:password@]host:port or smtps://..."
            )
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (_SMTPS_PORT if self._is_tls else _SMTP_PORT)
        self._login = (unquote(parts.username or ""), unquote(parts.password or ""))
        self._timeout_s, self._sender = settings.smtp_timeout_s, settings.mail_from
        self._clock = clock

    def send(self, card: Card) -> str:
        mail = make_mail(card, sender=self._sender)
        mail["Date"] = format_datetime(self._clock.now())
        try:
            server = self._connect()
            try:
                server.send_message(mail)
            finally:
                # Without waiting for good-bye: what was accepted stays so, whatever QUIT would say.
                server.close()
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise _refused(code, "the recipient") from error
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError) as error:
            # Our own setting or their server's mood; the mail itself is fine.
            raise ChannelUnavailableError(_NAME, f"SMTP {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, type(error).__name__) from error
        except smtplib.SMTPNotSupportedError as error:
            raise ChannelRejectedError(_NAME, str(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelUnavailableError(_NAME, type(error).__name__) from error
        return card.message_id

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout_s)
        try:
            server.ehlo_or_helo_if_needed()
            if not self._is_tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if self._login[0]:
                server.login(*self._login)
        except BaseException:
            server.close()
            raise
        return server


def make_mail(card: Card, *, sender: str) -> EmailMessage:
    """Return the mail of a card, without its date; nothing in it can add a header of its own.

    Raises:
        ChannelRejectedError: The expert's address is none.
    """
    expert, locale = card.expert, card.expert.locale
    mail = EmailMessage()
    mail["Subject"] = make_subject(card)
    mail["From"] = _one_line(sender)
    try:
        mail["To"] = Address(display_name=_one_line(expert.name), addr_spec=expert.email)
    except (ValueError, IndexError) as error:
        raise ChannelRejectedError(_NAME, "the expert's address is not one") from error
    mail["Message-ID"] = card.message_id
    mail["List-Unsubscribe"] = f"<{card.settings_url}>"
    mail["List-Id"] = f"Askwatch <alerts.{parseaddr(sender)[1].rpartition('@')[2] or 'askwatch'}>"
    # Out-of-office replies to a machine help nobody.
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = locale
    mail.set_content(make_text(card))
    mail.add_alternative(make_html(card), subtype="html")
    return mail


def make_subject(card: Card) -> str:
    """Return e.g. "Someone is asking about Keycloak hosting (4 min ago)"."""
    locale = card.expert.locale
    key = "alert_plain" if card.kind == "alert" and not card.topic else card.kind
    topic = card.topic or say("plain_topic", locale)
    age = format_age(card.age_s, locale)
    return _one_line(say(key, locale, topic=topic, age=age))[:_SUBJECT_CHARACTERS]


def make_text(card: Card) -> str:
    """Return the plain-text part: the quote first, then why, who else, and the link."""
    locale = card.expert.locale
    paragraphs = [f'"{_quote(card)}"', *_lines(card), f"{say('button', locale)}: {card.url}"]
    footer = f"{say('why_mail', locale)}\n{say('settings', locale)}: {card.settings_url}"
    return "\n\n".join([*(each for each in paragraphs if each), "-- \n" + footer]) + "\n"


def make_html(card: Card) -> str:
    """Return the HTML part: one column, readable without pictures and in the dark."""
    locale = card.expert.locale
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in _lines(card) if line)
    lang = "" if card.lang == "und" else f' lang="{html.escape(card.lang)}"'
    url, settings_url = html.escape(card.url), html.escape(card.settings_url)
    button = (
        "display:inline-block;padding:12px 20px;border-radius:8px;background:#0b6e75;"
        "color:#ffffff;text-decoration:none;font-weight:600"
    )
    return f"""\
<!doctype html>
<html lang="{locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{html.escape(make_subject(card))}</title>
</head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:0 auto;padding:16px">
<blockquote{lang} style="margin:0 0 16px;font-size:18px;line-height:1.6">\
“{html.escape(_quote(card))}”</blockquote>
{lines}
<p><a href="{url}" style="{button}">{html.escape(say("button", locale))}</a></p>
<p style="font-size:14px">{html.escape(say("why_mail", locale))}
<a href="{settings_url}">{html.escape(say("settings", locale))}</a></p>
</body>
</html>
"""


def _lines(card: Card) -> list[str]:
    locale = card.expert.locale
    reasons = describe_because(
        card.because,
        locale,
        topic_names=card.topic_names,
    )
    because = say("because", locale, reasons=reasons) if reasons else ""
    told = describe_told(card.others_told, locale) if card.kind in {"alert", "reminder"} else ""
    asks = say("asks", locale, reason=card.asks) if card.asks else ""
    return [asks, because, told]


def _quote(card: Card) -> str:
    words = card.quote.split()
    text = " ".join(words[:_QUOTE_WORDS])
    if len(words) > _QUOTE_WORDS or len(text) > _QUOTE_CHARACTERS:
        text = text[:_QUOTE_CHARACTERS].rstrip() + " …"
    return text or say("no_quote", card.expert.locale)


def _one_line(text: str) -> str:
    """Return `text` without what could end a header and begin another."""
    return " ".join(
        "".join(" " if ord(each) < 32 or each == "\x7f" else each for each in text).split()
    )


def _refused(code: int, what: str) -> ChannelRejectedError | ChannelUnavailableError:
    """Return the error for an SMTP answer: 5xx is for good, anything else is not (RFC 5321)."""
    reason = f"{what}: SMTP {code}"
    if 500 <= code < 600:
        return ChannelRejectedError(_NAME, reason)
    return ChannelUnavailableError(_NAME, reason)
