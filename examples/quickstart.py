"""Yesterday's transactions of one site."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sonnys_data_client import SonnysClient

yesterday = datetime.now(ZoneInfo("America/Chicago")).date() - timedelta(days=1)
with SonnysClient.from_env() as client:
    rows = client.transactions.load_job(startDate=yesterday, endDate=yesterday, site="MAIN")

print(len(rows), "transactions,", sum(row.total for row in rows), "in all; the last:")
print(rows[-1].complete_date, rows[-1].total, [item.name for item in rows[-1].items])
