"""The limit of file descriptors is raised to what a fleet needs, and no further than this process may."""

from __future__ import annotations

import resource

import pytest

from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sync.descriptors import raise_limit

NO_LIMIT = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("limits", "jobs", "raised"),
    [
        ((1024, 4096), 16, None),
        ((1024, 4096), 60, (1600, 4096)),
        ((256, NO_LIMIT), 60, (1600, NO_LIMIT)),
        ((NO_LIMIT, NO_LIMIT), 500, None),
        ((4096, 4096), 60, None),
    ],
)
def test_it_is_raised_to_what_is_needed(
    limits: tuple[int, int], jobs: int, raised: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: done.append(both))
    raise_limit(jobs)
    assert done == ([] if raised is None else [raised])


def test_what_is_too_much_for_this_process_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 1200))
    with pytest.raises(ValidationError) as refused:
        raise_limit(60)
    assert str(refused.value) == (
        "jobs=60 needs 1,600 file descriptors, and this process may have 1,200. "
        "Take 44 at most, or raise the limit with ulimit -Hn."
    )
