"""Translates errors of kafka-python into ours, by what the caller must do."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import errors

from askwatch.errors import AskwatchError, BackendUnavailableError, ConfigurationError, FencedError

# Another member has our partitions now.
_FENCED = (
    errors.CommitFailedError,
    errors.FencedInstanceIdError,
    errors.FencedMemberEpochError,
    errors.IllegalGenerationError,
    errors.RebalanceInProgressError,
    errors.StaleMemberEpochError,
    errors.UnknownMemberIdError,
)
# A person must change the broker's or our configuration.
_CONFIGURATION = (
    errors.AuthorizationError,
    errors.InvalidConfigurationError,
    errors.InvalidReplicationFactorError,
    errors.KafkaConfigurationError,
    errors.PolicyViolationError,
    errors.SaslAuthenticationFailedError,
    errors.SecurityDisabledError,
    errors.UnsupportedCodecError,
    errors.UnsupportedSaslMechanismError,
    errors.UnsupportedVersionError,
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of kafka-python into ours."""
    try:
        yield
    except errors.KafkaError as error:
        raise translate(error) from error


def translate(error: errors.KafkaError) -> AskwatchError:
    """Return our error for `error`; what is not known otherwise may heal by itself."""
    if isinstance(error, _FENCED):
        return FencedError(f"the group gave our partitions away: {error}")
    if isinstance(error, _CONFIGURATION):
        return ConfigurationError(f"Kafka refuses: {error}: change its or our configuration")
    return BackendUnavailableError("Kafka", str(error) or type(error).__name__)
