"""`sonnys demo`: sync a week of a car wash from a local sandbox. The options and the help; `run` does the work."""

from __future__ import annotations

from pathlib import Path

__all__ = ["demo"]


def demo(*, out: Path = Path("demo-output"), speed: float = 10.0, sites: int = 3, days: int = 7, seed: int = 1) -> None:
    """Sync a week of a made-up car wash, kill the sync halfway, go on, and ask the archive a question.

    Starts a sandbox on a free port of this machine and syncs the last days from it into an archive. The first sync is
    killed with SIGKILL; the second goes on where it was. Then every row is compared with the sandbox's own books. Needs
    neither credentials nor the Internet.

    Args:
        out: Directory for the archive; made if it does not exist.
        speed: Sandbox seconds in one real second; at 1, the throttle is that of the live service.
        sites: Physical sites of the car wash; from 3 on there is a web shop too.
        days: Days to sync, from 1 to 180.
        seed: Number that decides the data.

    Examples:
        sonnys demo
        sonnys demo --days 3 --speed 20    # smaller and faster
    """
    from sonnys_data_client.cli.commands.demo.run import Scene, play

    play(Scene(out, speed, sites, days, seed))
