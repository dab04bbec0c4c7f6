"""The export machine: the flow, the scheduler, the board and the state that they hold.

```text
flow         the flow that drives the machine, and the report: start reading here
schedule     the scheduler: which request goes out next
board        the board: what a reply means
endings      how reads and windows end: whole, by halves, or with a gap
state        where every window, page and job is
window_read  how a window is read whole, and how we know
queue        pages that wait to be submitted
pages        what is moved: pages and counts, and the settings of one export
homes        which window of the plan a row belongs to
resume       which jobs of an earlier run are still of use
```
"""
