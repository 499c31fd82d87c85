"""The worker's side: claims, leases, fencing tokens, checkpoints, and whose turn it is."""
