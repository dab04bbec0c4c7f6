"""`sonnys job`: its options, and what it does."""
