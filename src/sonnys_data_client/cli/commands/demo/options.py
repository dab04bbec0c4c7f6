"""`sonnys demo`: a week of a car wash synced from a local sandbox, and a sync that is killed on the way.

```text
__init__   the command: its options, and what to say when it is stopped
play       the sandbox, the sync that is killed, the sync that goes on, and what is shown
books      what the archive has, held against the sandbox's own books
```

Only this module is light: the others are imported once the command runs.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["demo"]


def demo(*, out: Path = Path("demo-output"), speed: float = 10.0, sites: int = 3, days: int = 7, seed: int = 1) -> None:
    """Sync a week of a made-up car wash, kill the sync halfway, go on, and ask the archive a question.

    Starts a sandbox on a free port of this machine and syncs the last days from it into an archive. The first sync is
    killed as no program can be killed harder; the second goes on. Then every row is held against the sandbox's own
    books. Needs neither credentials nor the Internet.

    Args:
        out: Directory for the archive; made if it is not there.
        speed: Sandbox seconds in one real second; at 1, the throttle is the live service's own.
        sites: Physical sites of the car wash; from 3 on there is a web shop, too.
        days: How many days.
        seed: Decides the data.

    Examples:
        sonnys demo
        sonnys demo --days 3 --speed 20    # smaller and faster
    """
    from sonnys_data_client.cli.commands.demo.run import Scene, play

    play(Scene(out, speed, sites, days, seed))
