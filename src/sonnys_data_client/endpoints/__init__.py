"""The API's operations, one module a resource: as data, with their flows.

```text
operation    an operation as data                   params       parameters, checked before a request is spent
context      a client's settings and memory         dates        the range of a list
list_reader  reads a list over all its parts        parts        reads one part, by halves where it must
transactions, customers, employees, items, giftcards, washbooks, recurring, sites, sales_outcomes
accounts     what wash books and recurring accounts share
clock        clock entries, many employees and weeks
jobs, export batch jobs: a day, a page, many days
any_request  an operation that no resource has
```
"""
