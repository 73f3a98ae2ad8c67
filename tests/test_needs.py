"""A test is skipped for want of a program on a developer's machine, and fails in continuous integration."""

import shutil

import pytest

from tests.needs import needs_environment, needs_program, unavailable

REASON = "no-such-program is not on PATH: apt-get install no-such-package"


def test_a_program_that_is_there_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """In continuous integration too."""
    monkeypatch.setenv("CI", "true")
    assert needs_program("bash", package="bash") == shutil.which("bash")


@pytest.mark.parametrize("value", [None, "", "false"])
def test_the_reason_of_a_skip_names_the_package(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """CI counts where it is "true"."""
    monkeypatch.delenv("CI", raising=False)
    if value is not None:
        monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.skip.Exception) as skipped:
        needs_program("no-such-program", package="no-such-package")
    assert skipped.value.msg == REASON


def test_continuous_integration_fails_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same reason."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception) as failed:
        needs_program("no-such-program", package="no-such-package")
    assert failed.value.msg == f"CI may not skip this test: {REASON}"
    with pytest.raises(pytest.fail.Exception, match="npm has no network"):
        unavailable("npm has no network")


def test_the_reason_of_an_environment_names_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of make."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception) as skipped:
        needs_environment("no-such-environment")
    assert skipped.value.msg == "the environment no-such-environment was not made: make environments"
