"""A bank's file of past loans becomes registered versions: its signed expert card, then the models trained on it."""

from loan_service.bank.stages.training.trained import Trained, newest_files, train

__all__ = ["Trained", "newest_files", "train"]
