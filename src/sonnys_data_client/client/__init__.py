"""The sync and the async client, their settings, and the catalogue of operations."""
