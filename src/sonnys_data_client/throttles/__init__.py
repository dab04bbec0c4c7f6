"""Where the throttle of an API ID counts its slots."""
