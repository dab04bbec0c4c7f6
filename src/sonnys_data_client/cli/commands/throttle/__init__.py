"""`sonnys throttle`."""
