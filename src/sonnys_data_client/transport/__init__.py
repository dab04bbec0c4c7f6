"""The network. Only this room knows the HTTP library."""
