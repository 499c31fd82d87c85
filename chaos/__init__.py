"""`make chaos`: load with known effects, a injector that breaks things, and a count."""
