"""The simulated driver, its virtual clock and its oracle: public, for tests of your own."""
