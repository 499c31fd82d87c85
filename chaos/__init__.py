"""`make chaos`: load with known effects, a monkey that breaks things, and a count."""
