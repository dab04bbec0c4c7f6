"""From an exception to a sentence, a hint and an exit code."""

from __future__ import annotations

import pytest

from sonnys_data_client import errors
from sonnys_data_client.cli.errors import ExitCode, Failure, Refusal, Stopped, exit_code_of


def raised(error: BaseException, *, verbose: bool = False) -> int:
    def command() -> int:
        raise error

    return exit_code_of(command, verbose=verbose)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ValidationError("No."), 2),
        (errors.ConfigurationError("No."), 2),
        (errors.PayloadValidationError("No.", method="GET", path="/", status=422), 2),
        (Refusal("No."), 2),
        (OSError("No"), 2),
        (errors.AuthenticationError("No.", method="GET", path="/", status=403), 1),
        (errors.APITimeoutError("No.", method="GET", path="/"), 1),
        (errors.IncompleteError("No.", gaps=["a page"]), 1),
        (Failure("No."), 1),
        (errors.IncompleteError("No,\nand more.", gaps=[]), 1),
    ],
)
def test_what_is_expected_is_a_sentence_and_a_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raised(error) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err in {"sonnys: No.\n", "sonnys: No, and more.\n"}


def test_a_file_s_error_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert raised(PermissionError(13, "Permission denied", "some/where")) == ExitCode.USAGE
    assert capsys.readouterr().err == "sonnys: some/where: Permission denied.\n"


def test_a_missing_library_of_an_extra_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert raised(ModuleNotFoundError(name="starlette.routing")) == ExitCode.USAGE
    assert "pip install 'sonnys-data-client[sandbox]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError(name="sonnys_data_client.nowhere"), ValueError("ours"), ZeroDivisionError()]
)
def test_a_fault_of_ours_keeps_its_traceback(error: Exception) -> None:
    with pytest.raises(type(error)):
        raised(error)


def test_ctrl_c_says_what_was_kept_and_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert raised(Stopped("two pages were read", "sonnys demo")) == 130
    assert capsys.readouterr().err == "sonnys: Stopped: two pages were read.\nhint: Run it again with: sonnys demo\n"
    assert raised(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "sonnys: Stopped.\n"


def test_ctrl_c_while_a_library_is_imported_is_a_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    """DuckDB raises an ImportError then, which is the consequence and not the matter."""
    error = ImportError("Encountered an error while initializing the extension.")
    error.__cause__ = KeyboardInterrupt()
    assert raised(error) == 130
    assert capsys.readouterr().err == "sonnys: Stopped.\n"


def test_verbose_adds_what_the_api_said_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    error = errors.AuthenticationError(
        "Bad key.", method="GET", path="/site/list", status=403, type="BadClientCredentialsError", messages=["No fit."]
    )
    raised(error, verbose=True)
    said = capsys.readouterr().err
    assert "sonnys: GET /site/list, status 403, BadClientCredentialsError, No fit.\n" in said
    assert "Traceback" in said
    raised(errors.IncompleteError("Not all.", gaps=["page 7"]), verbose=True)
    assert "sonnys: missing: page 7" in capsys.readouterr().err


def test_a_command_s_own_code_is_returned() -> None:
    assert exit_code_of(lambda: ExitCode.DONE) == 0


def test_a_sentence_wraps_between_words_for_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    assert raised(Refusal("There is no profile of that name in a-very-long/path/to/some/file.toml.")) == 2
    assert capsys.readouterr().err.splitlines() == [
        "sonnys: There is no profile of",
        "that name in",
        "a-very-long/path/to/some/file.toml.",
    ]
