"""The network: the only room that knows the HTTP library."""

DEFAULT_MAX_BODY_BYTES = 64_000_000
"""The largest reply that is read. The API's own are below a megabyte."""
