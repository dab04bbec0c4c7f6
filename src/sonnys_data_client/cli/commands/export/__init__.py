"""`sonnys export`: its options, and what it does."""
