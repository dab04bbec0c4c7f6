"""`sonnys profile`: its options, and what it does."""
