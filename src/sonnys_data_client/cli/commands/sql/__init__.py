"""`sonnys sql`: its options, and what it does."""
