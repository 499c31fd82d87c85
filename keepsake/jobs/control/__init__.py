"""What owners and operators ask of jobs and queues."""
