"""What both wings stand on: database, identifiers, keys, clock, transparency log, outbox, idempotency.

Nothing here knows a person, a household or a bank.
"""
