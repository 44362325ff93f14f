"""The bank's REST doors."""
