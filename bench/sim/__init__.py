"""The simulation: scenarios drawn from a seed, and the judges of how an export behaved in them."""
