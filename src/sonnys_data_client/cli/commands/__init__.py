"""The commands of `sonnys`: one folder each, named as on the command line; `options` is light, `run` does the work."""
