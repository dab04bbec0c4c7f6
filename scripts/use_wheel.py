"""Use an installed `sonnys-data-client[all]`, end to end: serve a sandbox, read it, compare with its truth.

`check_wheel.py` runs this in an environment that has the wheel and not this tree.
"""

from __future__ import annotations

import time

from sonnys_data_client import SonnysClient
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import running_sandbox


def main() -> None:
    """Read two hours of a day long settled through one batch job, and the list of sites."""
    # Five days ago at noon in New York: open, and too long ago for rows that arrive late.
    start = (int(time.time()) // 86_400 - 5) * 86_400 + 17 * 3_600
    end = start + 2 * 3_600
    config = SandboxConfig(job_s=0.2)
    with (
        running_sandbox(config) as local,
        SonnysClient(local.api_id, local.api_key, base_url=local.base_url) as client,
    ):
        read = [row.id for row in client.transactions.load_job(startDate=start, endDate=end)]
        sites = list(client.sites.list())
        true = {row.id for row in local.sandbox.truth(start, end)}
        at_end = {row.id for row in local.sandbox.truth(end, end + 1)}

    assert len(read) == len(set(read)), "rows came twice"
    assert true <= set(read) <= true | at_end, "the rows read are not the rows there are"
    assert len(true) > 20, "the window is too quiet to show anything"
    assert len(sites) >= config.sites, "sites are missing"
    print(f"use_wheel: {len(read)} rows in two hours and {len(sites)} sites, as in the sandbox")


if __name__ == "__main__":
    main()
