"""The service: two wings, one door, and the only package with a database, a web server, an environment and a clock.

`district` turns agencies' files into a civility index and its certificates; `bank` turns household data and
certificates into offers, contracts and usage; `certificate` is the one shape both know; `foundation` carries both.
"""
