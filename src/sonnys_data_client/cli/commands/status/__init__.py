"""`sonnys status`: its options, and what it does."""
