"""Small pictures of large ones: a job type that Keepsake runs once this package is installed."""
