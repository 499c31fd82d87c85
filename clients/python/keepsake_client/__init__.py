"""What uses a Keepsake from elsewhere: the command line `keepsake`."""
