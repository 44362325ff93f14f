"""What the service does, held against the simulator's truth."""
