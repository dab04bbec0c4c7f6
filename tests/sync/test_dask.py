"""A cluster of dask whose workers are killed: nothing is missing, extra or doubled."""

from __future__ import annotations

import os
import signal
import warnings
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from sonnys_data_client.sync import sync_account
from tests.sync.fleet_rig import ONE_DAY, Operators, operators
from tests.waiting import PATIENCE_S, wait_until

NAMES = [f"west-{number}" for number in range(8)]
WORKERS = 2


def test_workers_are_killed_midway_and_every_row_is_there_once(tmp_path: Path) -> None:
    distributed: Any = import_module("distributed")  # its own types say less than they promise
    with operators(tmp_path, NAMES, job_s=0.5) as wash, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dask's own: about ports, and about workers that end
        cluster = distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=2,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(tmp_path / "dask"),
        )
        with cluster, distributed.Client(cluster) as client:
            reports = client.map(sync_account, NAMES, settings=ONE_DAY, pure=False, retries=20)
            for requests in (10, 25):
                wait_until(partial(_has_seen, wash, requests))
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            distributed.wait(reports, timeout=PATIENCE_S)
            done = client.gather(reports)
        assert [report.complete for report in done] == [True] * len(NAMES)
        wash.check()


def _has_seen(wash: Operators, requests: int) -> bool:
    return len(wash.server.sandbox.log) > requests
