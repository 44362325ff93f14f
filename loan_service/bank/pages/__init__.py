"""The bank's web pages."""
