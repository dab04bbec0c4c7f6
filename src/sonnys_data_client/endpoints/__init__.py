"""The API's operations, one module a resource: what each is, as data, and the flows that read it."""
