"""A text in both languages, as views hand it on."""

from pydantic import BaseModel, ConfigDict


class Text(BaseModel):
    """The same said twice."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    zh: str
    en: str
