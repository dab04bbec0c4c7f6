"""`sonnys completion`: let the shell complete commands and options."""

from __future__ import annotations

from typing import Literal

__all__ = ["completion"]


def completion(shell: Literal["bash", "zsh", "fish", "powershell"], /, *, install: bool = False) -> None:
    """Let your shell complete commands and options.

    Prints the script. With `--install`, writes it where the shell looks for it, and says where that is.

    Args:
        shell: The shell that the script is for.
        install: Install the script instead of printing it.

    Examples:
        sonnys completion bash --install
        sonnys completion zsh > _sonnys
    """
    from sonnys_data_client.cli.app import build
    from sonnys_data_client.cli.show.screen import say, screen

    if install:
        path = build().install_completion(shell=shell)
        say(screen(), f"Wrote {path}. It takes effect in the next shell that you start.")
    else:
        print(build().generate_completion(shell=shell))
