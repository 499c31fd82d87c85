"""`/v1/jobs` and `/v1/dead-letters`: where jobs stand, and what may be asked of them."""
