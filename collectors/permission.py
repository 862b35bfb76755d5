"""May this source be read now? The answer in words that an operator can act on."""

from datetime import date

from askwatch.model.source import Source


def find_objection(source: Source, on: date) -> tuple[str, str] | None:
    """Return (state, message) that keep `source` from being read, or None."""
    if source.is_paused:
        return "paused", ""
    permission = source.permission
    if permission is None:
        return "no_permission", (
            "nobody has said why this source may be read: give it permission_basis, approved_by "
            "and approved_on"
        )
    if permission.approved_on > on:
        return "no_permission", f"its permission begins on {permission.approved_on}"
    if not permission.is_current(on):
        return "no_permission", (
            f"its permission ended on {permission.valid_until}: have the terms checked and set a "
            "new valid_until"
        )
    return None
