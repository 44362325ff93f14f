"""The bank wing: household data and certificates become offers, contracts and usage."""
