"""The clients: facades over flows."""
