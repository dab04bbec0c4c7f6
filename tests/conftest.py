"""What holds for every test: the same day and random examples each time, a Ctrl-C that works, and no hidden skips.

The clock is pinned, in the test process and in every process that a test starts: see `tests/days.py`.

Hypothesis draws the same examples on every run (profile `ci`), so a failure is the same failure everywhere;
`make test-explore` draws many others, to look for new ones.

A test marked `redis` or `postgres` needs that server. Where none answers it is skipped, and the reason says
what was looked for. With `--no-skips`, as in `.ci/run`, a run that skipped anything has failed.
"""

from __future__ import annotations

import functools
import os
import signal
import socket

import pytest
from hypothesis import settings

from tests.cost import mark_heavy
from tests.days import pin_the_day

pin_the_day()

_SERVICES = {
    "redis": ("SONNYS_TEST_REDIS", "127.0.0.1:6379"),
    "postgres": ("SONNYS_TEST_POSTGRES", "127.0.0.1:5432"),
}
"""Marker: the environment variable that says host and port, and where to look without one."""

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


signal.signal(
    signal.SIGINT, signal.default_int_handler
)  # a shell's background job ignores it, and so would its children


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--no-skips`."""
    parser.addoption("--no-skips", action="store_true", help="fail the run if any test was skipped")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make test` leaves out."""
    mark_heavy(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose server is not there, and say why."""
    for service, (variable, default) in _SERVICES.items():
        address = os.environ.get(variable, default)
        if item.get_closest_marker(service) and not _answers(address):
            pytest.skip(f"no {service} server answers at {address} (set {variable}=host:port)")


@pytest.fixture(autouse=True)
def views_without_comments(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the comments out of `archive.duckdb` where hundreds of syncs run: they would add 40 ms to each.

    `tests/archive` shows them.
    """
    if request.path.parent.name in {"sync", "proof", "sim", "parity"}:
        monkeypatch.setattr("sonnys_data_client.archive.views._comments", tuple)


@functools.cache
def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


# The reporter's own hook wraps this one: it prints the summary, and the exit status, when this has returned.
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under `--no-skips`, turn a run with skips into a failed one."""
    skipped = _skipped(session.config)
    if skipped and session.config.getoption("--no-skips") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Under `--no-skips`, say why the run failed."""
    skipped = _skipped(config)
    if skipped and config.getoption("--no-skips"):
        terminalreporter.section("--no-skips", red=True)
        terminalreporter.line(f"{skipped} skipped, and this run allows none: the summary says why.", red=True)


def _skipped(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    # An xdist worker has no reporter: the controller counts for all.
    return len(reporter.stats.get("skipped", ())) if isinstance(reporter, pytest.TerminalReporter) else 0
