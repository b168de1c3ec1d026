"""How the built-ins' tests are written: claims in FEEL that are true, and calls outside the domain that are null."""

from tests.feel.reading import problems, value


def check_true(claim: str) -> None:
    """The claim is true, and nothing went wrong on the way."""
    assert value(claim) is True, claim
    assert problems(claim) == "", claim


def check_refused(call: str) -> None:
    """The call is null, and the problem says why."""
    assert value(call) is None, call
    assert problems(call), call
