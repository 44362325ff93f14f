"""The district's REST resources."""

from loan_service.district.api.routes import router

__all__ = ["router"]
