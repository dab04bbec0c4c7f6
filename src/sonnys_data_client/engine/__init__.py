"""The pure core: flows that decide and ask. No clock, no sleep, no dice, no sockets, no files."""
