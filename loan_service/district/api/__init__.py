"""The district's REST doors."""
