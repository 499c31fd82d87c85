"""What brings a job on when its message, worker or last try is lost, and what is given up."""
