"""Households to offers with reasons: our interpreter beside the same policy in zen-engine and in Polars."""
