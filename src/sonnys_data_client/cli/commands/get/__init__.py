"""`sonnys get`: its options, and what it does."""
