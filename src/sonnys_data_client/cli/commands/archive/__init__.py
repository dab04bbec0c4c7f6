"""`sonnys archive`: its options, and what it does."""
