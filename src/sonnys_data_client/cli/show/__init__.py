"""What the command line shows and writes.

```text
screen      messages go to standard error, with colour only for a person
progress    a `Progress`, shown while it moves: a live display for a person, a line a step for a log
target      where rows go: a file, a pipe or a table on the screen
table       rows in a table on a terminal
layouts     transactions -> the rows of a file
files       rows -> JSON, NDJSON, CSV, XLSX, Parquet; the file is whole or not there
cells       one cell of CSV, and which text a spreadsheet would take for something else
xlsx        a workbook for Excel
decimals    amounts in JSON: numbers where they are exact
spool       rows that came and are not in their file yet
```
"""
