"""Put the last three days into an archive, and query it."""

from datetime import UTC, datetime, timedelta

from sonnys_data_client import SonnysClient, sync
from sonnys_data_client.archive import Archive

archive = Archive("archive")
start = datetime.now(UTC).date() - timedelta(days=2)
with SonnysClient.from_env() as client:
    report = sync.run(client, archive, sync.SyncSettings(start=start, tables=()))

print(report.rows, "transactions read;", len(report.changes), "fields differ from what was read before")
with archive.sql("SELECT business_date, sum(total) AS money FROM transactions GROUP BY ALL ORDER BY ALL") as answer:
    for day, money in answer:
        print(day, money)
