"""Every error of kafka-python becomes one of ours."""

import pytest
from kafka import errors

from askwatch.bus.kafka_errors import translate, translated
from askwatch.errors import BackendUnavailableError, ConfigurationError, FencedError


def kafka_errors() -> list[type[errors.KafkaError]]:
    # Some stand under two names.
    found = {each for each in vars(errors).values() if isinstance(each, type)}
    return sorted((each for each in found if issubclass(each, errors.KafkaError)), key=str)


@pytest.mark.parametrize("kind", kafka_errors(), ids=str)
def test_an_error_that_may_heal_is_tried_again(kind: type[errors.KafkaError]) -> None:
    error = BaseException.__new__(kind)
    ours = translate(error)
    if issubclass(kind, errors.RetriableError):
        assert isinstance(ours, BackendUnavailableError)
    else:
        assert isinstance(ours, BackendUnavailableError | ConfigurationError | FencedError)


def test_a_lost_membership_is_fencing() -> None:
    with pytest.raises(FencedError), translated():
        raise errors.UnknownMemberIdError
