"""Chinese first, English one click away: which language a request wants, and the words of both."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from fastapi import Request, Response

COOKIE = "lang"
_A_YEAR = 365 * 24 * 3600


class Language(StrEnum):
    """The languages every page and every message speaks."""

    ZH = "zh"
    EN = "en"

    @property
    def other(self) -> "Language":
        """The one a click away."""
        return Language.EN if self is Language.ZH else Language.ZH

    @property
    def tag(self) -> str:
        """The tag of the `lang` attribute and of `Content-Language`."""
        return "zh-Hans" if self is Language.ZH else "en"

    @property
    def locale(self) -> Locale:
        """Babel's locale for numbers and dates."""
        return Locale.parse("zh_Hans_CN" if self is Language.ZH else "en_GB")


_CODES = frozenset(language.value for language in Language)


def language_of(request: Request) -> Language:
    """The address decides, then the cookie, then the browser where it asks for English and not for Chinese."""
    for wish in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wish in _CODES:
            return Language(wish)
    wanted = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return Language.EN if "en" in wanted and "zh" not in wanted else Language.ZH


def remember(request: Request, response: Response) -> None:
    """Keeps the language of the address for the next pages and says which language this answer is in."""
    language = language_of(request)
    response.headers["Content-Language"] = language.tag
    response.headers.append("Vary", "Accept-Language, Cookie")
    if "lang" in request.query_params:
        response.set_cookie(COOKIE, language, max_age=_A_YEAR, samesite="lax", httponly=True)


@dataclass(frozen=True)
class Words:
    """A language's catalogue; English texts are the keys, so English needs entries only where a code reads badly."""

    translations: Translations

    def text(self, message: str) -> str:
        """The message in this language."""
        return self.translations.ugettext(message)

    def term(self, noun: str, code: str) -> str:
        """The word for a value of a noun, such as ('sector', 'fishery'); a code without entry reads as itself."""
        return str(self.translations.upgettext(noun, code)).replace("_", " ")


@cache
def words(language: Language, folders: tuple[Path, ...]) -> Words:
    """The catalogue of a language, joined from the `<language>.po` files of the rooms that have pages."""
    merged = Translations()
    for folder in folders:
        path = folder / f"{language}.po"
        if path.exists():
            merged.merge(_compiled(path))
    return Words(merged)


def _compiled(path: Path) -> Translations:
    """Catalogues are compiled when first read: no build step, no binary beside its source."""
    buffer = BytesIO()
    with path.open("rb") as file:
        write_mo(buffer, read_po(file))
    buffer.seek(0)
    return Translations(buffer)
