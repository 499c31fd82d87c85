"""What is remembered of a user, put together for a prompt."""
