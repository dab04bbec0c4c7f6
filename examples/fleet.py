"""Sync the accounts of all profiles, in four processes."""

from concurrent.futures import ProcessPoolExecutor

from sonnys_data_client.profiles import profiles_named
from sonnys_data_client.sync import sync_account

if __name__ == "__main__":
    with ProcessPoolExecutor(4) as pool:
        for report in pool.map(sync_account, profiles_named("*")):
            print(report)
