"""What Keepsake is measured beside: the same request and a no-op, as their users would write it."""
