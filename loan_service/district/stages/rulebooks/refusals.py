"""Why a rulebook edition is refused where no other kind of edition would be."""

from loan_service.district.store.rulebooks import Published
from loan_service.errors import RefusedError
from loan_service.foundation.wing import Wing


def require_demo_for_placeholders(wing: Wing, published: Published) -> None:
    """Invented catalogue ids are no legal ground: such an edition is for demonstrations."""
    edition = published.edition
    if published.placeholder_catalogue and not wing.settings.demo:
        raise RefusedError(
            "rulebook.placeholder",
            f"{edition} has invented catalogue ids; such an edition is published in demo mode only",
            f"{edition} 的目录编号为示例编号，只能在演示模式发布",
            "replace every placeholder by an id of the published catalogue and set placeholder_catalogue: false",
        )
