"""For operators: queues, workers, keys, health and metrics."""
