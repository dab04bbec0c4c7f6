"""One module a resource: what can be asked, as flows."""
