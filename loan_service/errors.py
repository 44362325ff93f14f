"""The service's error tree: every error tells what happened, where, and what to do about it.

HaixiaError
├── SettingsError          the service cannot start as configured
├── NotFoundError          no such person, household, offer, contract
├── RefusedError           a rule refuses this request; nothing was changed
└── ConflictError          the same key or state was already used differently
"""


class HaixiaError(Exception):
    """An error with a stable code, texts in both languages and a remedy."""

    def __init__(self, code: str, english: str, chinese: str = "", remedy: str = "") -> None:
        super().__init__(f"{english} ({code})" + (f" Remedy: {remedy}" if remedy else ""))
        self.code = code
        self.english = english
        self.chinese = chinese or english
        self.remedy = remedy


class SettingsError(HaixiaError):
    """The service cannot start as configured."""


class NotFoundError(HaixiaError):
    """What was asked for does not exist, or not for this caller."""


class RefusedError(HaixiaError):
    """A rule refuses this request; nothing was changed."""


class ConflictError(HaixiaError):
    """The same key or state was already used differently."""
