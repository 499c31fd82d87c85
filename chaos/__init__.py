"""`make chaos`: load with known effects, a fault injector, and a count."""
