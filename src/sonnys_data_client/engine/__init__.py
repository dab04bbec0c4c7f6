"""The pure core: flows that decide and ask. No clock, no sleep, no dice, no sockets, no files.

```text
effects      what a flow may ask for: read this first        wire         requests, responses and faults, as values
call         one request, sent again while that helps        verdicts     what an outcome means
throttle     when the next request may start                 turns        whose request that is, of several holders
gather       several requests at once
rows         decode a reply; rows carry their raw text       json_limits  how deep and how large JSON may be
mismatch     does a reply answer the question?               findings     what a server has taught us

moments      an end of a range, as callers write it          windows      ranges, cut into windows
local_days   a range as each site's own days                 sites        the site list

listing      one page of a list                              paging       all pages, and when a list has ended
isolation    pages that the server cannot give

jobs         the life of one job                             single       a job that is collected later
export/      many windows at once                            plan         what an export should cost
pace, flight when to poll, how many jobs at once: learned    progress, report  counters; what became of each window
```
"""
