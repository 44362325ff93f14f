"""The district's pages; templates stand beside this module."""

from pathlib import Path

from loan_service.district.pages.routes import router

TEMPLATES = Path(__file__).parent

__all__ = ["TEMPLATES", "router"]
