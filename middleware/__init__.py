"""What surrounds every attempt: the broker, the notifier and Dramatiq's middleware, in order."""
