"""The arrows of the bank's flow; each reads the previous rows and appends its own, strangers to each other."""
