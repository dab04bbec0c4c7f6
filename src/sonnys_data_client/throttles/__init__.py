"""Where the slot ledger of an API ID lives."""
