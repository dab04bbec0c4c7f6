"""`sonnys doctor`: its options, and what it does."""
