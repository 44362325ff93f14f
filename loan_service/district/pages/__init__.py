"""The district's web pages."""
