"""The few files a browser may fetch beside pages, named by their content so that they can be kept for ever."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response


@dataclass(frozen=True)
class Asset:
    """One file of this folder."""

    name: str
    media_type: str

    @cached_property
    def content(self) -> bytes:
        """The bytes as served."""
        return (Path(__file__).parent / self.name).read_bytes()

    @cached_property
    def url(self) -> str:
        """Its address; another content has another address."""
        stem, _, suffix = self.name.rpartition(".")
        return f"/static/{stem}.{hashlib.sha256(self.content).hexdigest()[:12]}.{suffix}"


ASSETS = {asset.name: asset for asset in (Asset("haixia.css", "text/css"), Asset("mark.svg", "image/svg+xml"))}

router = APIRouter(include_in_schema=False)


def asset_url(name: str) -> str:
    """Where a page links to."""
    return ASSETS[name].url


@router.get("/static/{file_name}")
def read_asset(file_name: str) -> Response:
    """A listed file by its current address; anything else does not exist."""
    for asset in ASSETS.values():
        if asset.url == f"/static/{file_name}":
            return Response(
                asset.content,
                media_type=asset.media_type,
                headers={"Cache-Control": "public, max-age=31536000, immutable"},
            )
    raise HTTPException(404)
