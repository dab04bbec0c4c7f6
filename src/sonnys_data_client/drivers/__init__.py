"""The drivers: they carry out asks, and decide nothing."""
