"""File descriptors: how many a fleet needs, and how to get them.

A sync has some twenty open: connections, a ledger, a lock, files being written. The usual limit of a process, 1,024,
ends near fifty accounts. A process may raise it by itself up to its hard limit.
"""

from __future__ import annotations

import sys

from sonnys_data_client.errors import ValidationError

_EACH = 25
"""40 accounts in one process had 686 open: 17 each. An export at full speed may have twenty connections."""
_BESIDES = 100


def raise_limit(jobs: int) -> None:
    """Raise this process's limit of file descriptors to what so many syncs at once need.

    Raises:
        ValidationError: The hard limit is lower.
    """
    if sys.platform == "win32":  # there, sockets and files have no common limit
        return
    import resource

    needed = _BESIDES + jobs * _EACH
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ValidationError(
            f"needs {needed:,} file descriptors, and this process may have {hard:,}",
            parameter="jobs",
            value=jobs,
            remedy=f"Take {max(1, (hard - _BESIDES) // _EACH)} at most, or raise the limit with ulimit -Hn.",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
