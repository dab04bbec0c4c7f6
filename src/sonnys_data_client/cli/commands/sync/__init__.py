"""`sonnys sync`: its options, and what it does."""
