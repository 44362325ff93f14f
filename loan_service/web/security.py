"""Headers every answer carries, bodies that may not grow without bound, and forms only from our own pages."""

from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loan_service.errors import RefusedError

MAX_BODY_BYTES = 4 * 1024 * 1024

# No script at all, no style but our file's: what the pages need and nothing more.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


def harden(headers: MutableHeaders, scheme: str) -> None:
    """Adds the headers; an answer that says nothing about caching is not kept anywhere."""
    headers.update(HEADERS)
    headers.setdefault("Cache-Control", "no-store")
    if scheme == "https":
        headers["Strict-Transport-Security"] = _STRICT_TRANSPORT


class SafeHeaders:
    """Hardens every answer that passes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                harden(MutableHeaders(scope=message), scope["scheme"])
            await send(message)

        await self.app(scope, receive, hardened)


class BoundedBody:
    """Counts what a caller sends and stops reading where it becomes too much, whatever `Content-Length` said."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, bounded if scope["type"] == "http" else receive, send)


def from_our_own_page(request: Request) -> None:
    """Refuses a form that another site's page sent: browsers say where a form comes from, programs say nothing.

    Raises:
        RefusedError: the form comes from elsewhere (`request.foreign_origin`).
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.url.netloc:
        raise RefusedError(
            "request.foreign_origin", "this form was sent by another site's page", "表单来自其他网站，已拒绝"
        )
