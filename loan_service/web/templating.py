"""The one Jinja2 environment per language: strict, escaping everything, able to say each text in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from loan_service.web.assets import asset_url
from loan_service.web.formats import FORMATS, Formats
from loan_service.web.language import Language, Words, language_of, remember, words

WEB = Path(__file__).parent


@dataclass(frozen=True)
class Templates:
    """The pages of this deployment; templates stand beside the modules that fill them.

    Attributes:
        rooms: folder of each room with templates, by the prefix their names begin with.
        demo: whether every page says that this is a demonstration.
        start: where the way back leads.
    """

    rooms: Mapping[str, Path]
    demo: bool
    start: str
    environments: dict[Language, Environment] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        rooms = {"web": WEB, **self.rooms}
        folders = tuple(rooms.values())
        for language in Language:
            self.environments[language] = _environment(rooms, language, words(language, folders), self._beside(folders))

    def _beside(self, folders: tuple[Path, ...]) -> dict[Language, Words]:
        return {language: words(language.other, folders) for language in Language}

    def page(self, request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Fills a template in the language the request wants."""
        language = language_of(request)
        content = (
            self.environments[language]
            .get_template(name)
            .render(
                request=request, demo=self.demo, start=self.start, switch=_switched(request, language.other), **context
            )
        )
        response = HTMLResponse(content, status)
        remember(request, response)
        return response


def page(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """`Templates.page` of the running application."""
    templates: Templates = request.app.state.templates
    return templates.page(request, name, status, **context)


def _environment(
    rooms: Mapping[str, Path], language: Language, spoken: Words, beside: Mapping[Language, Words]
) -> Environment:
    environment = Environment(
        loader=PrefixLoader({name: FileSystemLoader(folder) for name, folder in rooms.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(spoken.translations, newstyle=True)  # type: ignore[attr-defined]
    formats = {name: getattr(Formats(language), name) for name in FORMATS}
    environment.filters.update(formats)
    environment.globals.update(formats)  # a macro takes a way of writing as an argument
    environment.globals.update(
        language=language,
        asset_url=asset_url,
        term=spoken.term,
        both=_both(language, spoken, beside[language]),
        said=_said(language),
    )
    return environment


def _both(language: Language, spoken: Words, other: Words) -> Any:
    def both(message: str, noun: str = "") -> Markup:
        """A text, or a noun's word, with the other language beside it, marked as such for screen readers."""
        here, there = (each.term(noun, message) if noun else each.text(message) for each in (spoken, other))
        return escape(here) + Markup(' <span class="aside" lang="{}">{}</span>').format(language.other.tag, there)

    return both


def _said(language: Language) -> Any:
    def said(texts: Any) -> str:
        """What a view says in both languages (`zh`, `en`), in this one."""
        return str(texts.zh if language is Language.ZH else texts.en)

    return said


def _switched(request: Request, language: Language) -> str:
    return str(request.url.include_query_params(lang=language.value).replace(scheme="", netloc=""))
