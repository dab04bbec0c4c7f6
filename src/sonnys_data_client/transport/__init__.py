"""The network. Only this room knows the HTTP library."""

DEFAULT_MAX_BODY_BYTES = 64_000_000
"""The largest reply that is read. The API's own are below a megabyte."""
