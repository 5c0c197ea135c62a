"""The configuration of the waterfall that applies: the packaged or the operator's, with enabled providers."""

from collections.abc import Mapping
from pathlib import Path

from enrichment.providers import ALL
from enrichment.types import Provider
from songnodes.domain.waterfall import DEFAULT, Config
from songnodes.domain.waterfall.operator_file import InvalidWaterfall, with_operator_file
from songnodes.errors import UserError
from songnodes.settings import Settings


class WaterfallFileInvalid(UserError):
    """The file of SONGNODES_WATERFALL cannot be used"""

    remedy = "docs/choosing.md describes the file; without the variable the packaged configuration applies"


def configured_waterfall(settings: Settings, providers: Mapping[str, Provider] = ALL) -> Config:
    """Return the configuration, with the providers that have credentials enabled, too.

    Raises WaterfallFileInvalid.
    """
    config = DEFAULT if settings.waterfall is None else _of_file(settings.waterfall)
    return config.enabling(
        [
            name
            for name, provider in providers.items()
            if name in config.providers and provider.configured(settings) is None
        ]
    )


def _of_file(path: Path) -> Config:
    try:
        return with_operator_file(path.read_text("utf-8"))
    except OSError as error:
        raise WaterfallFileInvalid(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WaterfallFileInvalid(f"{path}: no UTF-8 at byte {error.start}") from error
    except InvalidWaterfall as error:
        raise WaterfallFileInvalid(f"{path}, {error}") from error
