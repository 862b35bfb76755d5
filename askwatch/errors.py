"""The errors of Askwatch, ordered by what the caller must do.

AskwatchError
├── RetryableError           try again later; the record or request is fine
│   ├── BackendUnavailableError
│   └── BusyError
├── BadRecordError           no retry can heal it: give the record to the dead letters
├── FencedError              somebody else owns the work now: drop what you hold
├── ConfigurationError       stop; a person must change a setting or a file
├── RequestError             answer with a status
│   ├── InvalidRequestError      422 (or 400)
│   ├── NotAllowedError          403
│   ├── NotFoundError            404
│   ├── ConflictError            409
│   └── GoneError                410
└── RecordTooLargeError      the record would never fit; refuse it at the door
"""


class AskwatchError(Exception):
    """The root of every error that Askwatch raises on purpose."""


class RetryableError(AskwatchError):
    """Nothing is wrong with the record: try again after a pause."""


class BackendUnavailableError(RetryableError):
    """A broker, database, index or server did not answer."""

    def __init__(self, backend: str, reason: str) -> None:
        self.backend, self.reason = backend, reason
        super().__init__(f"{backend} does not answer: {reason}")


class BusyError(RetryableError):
    """A shared resource was locked for longer than we wait."""


class BadRecordError(AskwatchError):
    """The record cannot be handled, now or later; it belongs to the dead letters."""


class FencedError(AskwatchError):
    """Another process has taken over the partition or lease; our writes are void."""


class ConfigurationError(AskwatchError):
    """A setting, a file or the machine is not as it must be; the message says what to do."""


class RecordTooLargeError(AskwatchError):
    """A record is larger than the bus takes."""

    def __init__(self, key: str, size_bytes: int, limit_bytes: int) -> None:
        self.key, self.size_bytes, self.limit_bytes = key, size_bytes, limit_bytes
        super().__init__(
            f"record {key!r} has {size_bytes} bytes, the bus takes at most {limit_bytes}: "
            "shorten its text before producing it"
        )


class RequestError(AskwatchError):
    """A person or machine asked for something that cannot be; the API answers with `status`."""

    status = 400


class InvalidRequestError(RequestError):
    """The request says something impossible."""

    status = 422


class NotAllowedError(RequestError):
    """The caller is known but may not do this."""

    status = 403


class NotFoundError(RequestError):
    """There is no such thing, or the caller may not know of it."""

    status = 404

    def __init__(self, kind: str, identity: str) -> None:
        self.kind, self.identity = kind, identity
        super().__init__(f"there is no {kind} {identity!r}")


class ConflictError(RequestError):
    """The thing is no longer in the state that the caller saw."""

    status = 409


class AlreadyClaimedError(ConflictError):
    """Somebody else took the lead first."""

    def __init__(self, lead_id: str, owner_id: str, owner_name: str) -> None:
        self.lead_id, self.owner_id, self.owner_name = lead_id, owner_id, owner_name
        super().__init__(f"{owner_name} has taken it already")


class GoneError(RequestError):
    """The lead is withdrawn, expired or closed."""

    status = 410

    def __init__(self, lead_id: str, state: str) -> None:
        self.lead_id, self.state = lead_id, state
        super().__init__(f"the question is {state} and can no longer be taken")
