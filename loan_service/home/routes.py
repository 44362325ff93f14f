"""The demonstration's doors that belong to both wings."""

from fastapi import APIRouter

router = APIRouter()
