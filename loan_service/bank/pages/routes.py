"""The bank's pages."""

from fastapi import APIRouter

router = APIRouter(prefix="/bank", include_in_schema=False)
