"""The API's operations, one module a resource: as data, with their flows."""
