"""The drivers: they interpret asks, and decide nothing."""
