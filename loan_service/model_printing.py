"""What `haixia model` shows: versions, gates, moves and the inventory, Chinese with English beside it."""
