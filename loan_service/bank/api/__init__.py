"""A bank node's REST resources."""

from loan_service.bank.api.certificates import router as certificates

routers = (certificates,)

__all__ = ["routers"]
