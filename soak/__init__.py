"""`make soak`: an hour of mixed load with a few faults, and whether anything grows meanwhile."""
