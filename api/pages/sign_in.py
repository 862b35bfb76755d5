"""The two pages of signing in; `api/routes/sign_in.py` does the work behind their forms."""

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse


def show_sign_in(request: Request, *, next_path: str, is_sent: bool) -> HTMLResponse:
    """Return the page that asks for an address.

    Its form posts `email` and `next` (= `next_path`) to /sign-in. With `is_sent` it says that a
    link is on its way if the address is known here.
    """
    said = "<p>If we know this address, a link is on its way.</p>" if is_sent else ""
    return HTMLResponse(
        f'{said}<form method="post" action="/sign-in"><label>E-mail <input type="email" '
        f'name="email" required></label><input type="hidden" name="next" '
        f'value="{escape(next_path)}"><button>Send me a link</button></form>'
    )


def show_confirm(
    request: Request, *, token: str, next_path: str, is_valid: bool
) -> HTMLResponse:
    """Return the page that a link of a mail opens: one button, which spends the link.

    Its form posts `next` (= `next_path`) to /sign-in/{token}. Without `is_valid` the link was used
    or is too old: the page says so (status 403) and leads back to /sign-in.
    """
    if not is_valid:
        return HTMLResponse('<p><a href="/sign-in">Ask for a new link</a></p>', status_code=403)
    return HTMLResponse(
        f'<form method="post" action="/sign-in/{escape(token)}"><input type="hidden" name="next" '
        f'value="{escape(next_path)}"><button>Sign in</button></form>'
    )
