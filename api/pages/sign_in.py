"""The pages around signing in; api/routes/sign_in.py owns their addresses and does the work."""

from fastapi import Request, Response

from api.pages.visit import begin_guest


def show_sign_in(request: Request, *, next_path: str, is_sent: bool) -> Response:
    """Return the form for an address, or "look in your mail", the same for every address."""
    return begin_guest(request).page("sign_in.html", next_path=next_path, is_sent=is_sent)


def show_confirm(request: Request, *, token: str, next_path: str, is_valid: bool) -> Response:
    """Return the page whose one button spends a sign-in link, or says that it is spent."""
    return begin_guest(request).page(
        "sign_in_confirm.html",
        status=200 if is_valid else 410,
        token=token,
        next_path=next_path,
        is_valid=is_valid,
    )
