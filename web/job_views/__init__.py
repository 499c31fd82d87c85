"""A job as clients see it, and holding a request until it changes."""
