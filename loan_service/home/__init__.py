"""The demonstration's first page: today's flow at a glance, across both wings' figures; only here do they meet."""

from pathlib import Path

from loan_service.home.routes import router

TEMPLATES = Path(__file__).parent

__all__ = ["TEMPLATES", "router"]
