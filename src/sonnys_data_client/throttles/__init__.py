"""Who counts the requests of an API ID.

| module | what it is |
|---|---|
| `keepers` | the throttle of an API ID, by the name of its keeper: start here |
| `process` | a throttle that counts in this process alone |
| `shared` | a throttle whose ledger others share, and what happens while its keeper is away |
| `machine` | keeps a ledger for the processes of this machine, in SQLite |
| `redis` | keeps a ledger for several machines, in a Redis server |
"""
