"""What surrounds every attempt: the broker, the doorbell and Dramatiq's middleware, in order."""
