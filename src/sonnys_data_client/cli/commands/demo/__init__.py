"""`sonnys demo`: its options, and what it does."""
