"""What the records tell: changes, and where queues and scans stand."""
