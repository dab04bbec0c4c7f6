"""`sonnys demo`: one day of a car wash, read from a local sandbox through the client's batch jobs.

```text
__init__   the command: its options, and what to say when it is stopped
play       the sandbox, the client and the steps between
figures    rows -> money by tender, washes by hour
summary    figures -> what is shown
```

Only this module is light: the others are imported once the command runs.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["demo"]


def demo(*, out: Path = Path("demo-output"), speed: float = 1.5, sites: int = 3, seed: int = 1) -> None:
    """Read yesterday's transactions of a made-up car wash, show what is in them and write them to files.

    Starts a sandbox on a free port of this machine, reads one day of all its sites through batch jobs, compares the
    rows with the sandbox's own books, and writes them as newline-delimited JSON and as Parquet. Needs neither
    credentials nor the Internet.

    Args:
        out: Directory for the files; made if it is not there.
        speed: Sandbox seconds in one real second; at 1, the throttle is the live service's own.
        sites: Physical sites of the car wash; from 3 on there is a web shop, too.
        seed: Decides the data.

    Examples:
        sonnys demo
        sonnys demo --speed 5    # the same, faster
    """
    from sonnys_data_client.cli.demo.play import play

    play(out, speed=speed, sites=sites, seed=seed)
