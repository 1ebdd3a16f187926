"""Whether a request that failed may be billed all the same."""

from dataclasses import dataclass

from ..core.errors import GrokError, GrokServerError


@dataclass(slots=True)
class Delivery:
    """What became of the tries of one request, for whoever books them."""

    lost: int = 0
    """Tries before the present one that may be billed and whose usage will never be told."""
    is_open: bool = False
    """The present try was sent and may be billed; its usage was not told yet."""

    def begin(self) -> None:
        """Note that a try is sent; one before it that is still open is lost."""
        self.lost += self.is_open
        self.is_open = True

    def fail(self, error: GrokError, *, has_begun: bool) -> None:
        """Note that the present try failed: what was refused before anything came is not billed."""
        self.is_open = has_begun or may_be_billed(error)

    def settle(self) -> None:
        """Note that the usage of the present try was told."""
        self.is_open = False


def may_be_billed(error: GrokError) -> bool:
    """Tell whether an answer of which nothing was seen may be billed: it was under way, or was lost on the way."""
    return error.may_have_acted and not (isinstance(error, GrokServerError) and error.status >= 400)
