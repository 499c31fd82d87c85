"""What all settings share: their names in the environment, and secrets that files hold.

A name that no setting has is refused: `KEEPSAKE_LEASE_SECOND=99` would change nothing, silently.

The secret of a setting may stand in a file instead. A variable of the same name with `_FILE` at its
end then names the file, so the secret stands in no environment.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from keepsake.storage.secrecy import NotPrivate, read_secret, remember_secrets

PREFIX = "KEEPSAKE_"
FILE_SUFFIX = "_FILE"
GROUP = "keepsake.settings"
"""Entry points by which each distribution names its variables: a call that returns them."""
_INJECTED = re.compile(
    r"\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_[A-Z]+(_[A-Z]+)?)=.*"
    r"|\w+_PORT=(tcp|udp|sctp)://.*"
)
"""What Kubernetes tells every container of a service whose name begins as ours does."""


class Audience(Enum):
    """Who needs a setting; docs/operating.md lists them in this order.

    A class of settings names its own; a field that is for others has theirs among its annotations.
    """

    BEGINNERS = "To run it on one machine"
    HOSTS = "To use servers of your own"
    CLIENTS = "To open it to many clients"
    MODELS = "To use language models"
    MEMORY = "To search large memories, and to read shared links"
    CODE = "To scan repositories"
    RETENTION = "To keep records for longer or shorter"
    TUNING = "To tune times: rarely needed"


class Settings(BaseSettings):
    """Settings from the environment; an error names the variable, never what it holds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )  # fmt: skip
    audience: ClassVar[Audience] = Audience.TUNING
    kinds: ClassVar[dict[str, type["Settings"]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Know the kind by its name, which is all that its errors say."""
        cls.kinds[cls.__name__] = cls

    def model_post_init(self, _: Any) -> None:
        """Have its secrets taken out of what is stored and logged."""
        remember_secrets(self)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, the environment, the files that it names."""
        return init_settings, env_settings, _SecretFiles(settings_cls)

    @classmethod
    def variables(cls) -> dict[str, str]:
        """The variable of each setting."""
        prefix = cls.model_config.get("env_prefix", "")
        return {name: f"{prefix}{name}".upper() for name in cls.model_fields}

    @classmethod
    def audience_of(cls, name: str) -> Audience:
        """Who needs a setting."""
        own = [item for item in cls.model_fields[name].metadata if isinstance(item, Audience)]
        return own[0] if own else cls.audience

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """The settings that hold a secret."""
        fields = cls.model_fields.items()
        return frozenset(name for name, field in fields if _is_secret(field.annotation))


class DataSettings(Settings):
    """Where a process keeps what is its user's alone."""

    data_dir: Annotated[Path, Audience.BEGINNERS] = Path(".keepsake")
    """Data, logs, mirrors, `api-key`, `api-url`, passwords ([private files](#private-files)), and
    the `.env` that `keepsake run` reads."""


class UnknownSetting(Exception):
    """A variable looks like a setting and is none; the message names the nearest one."""


def refuse_unknown(kinds: Collection[type[Settings]]) -> None:
    """Make sure that every variable of ours is a setting, of this process or of another one.

    Raises:
        UnknownSetting: One is not.
    """
    own = {variable for kind in kinds for variable in kind.variables().values()}
    strange = [name for name in _named() if name not in own]
    if not strange:
        return
    known = own.union(*(point.load()() for point in entry_points(group=GROUP)))
    if refused := [_unknown(name, known) for name in strange if name not in known]:
        raise UnknownSetting("; ".join(refused))


def _named() -> Iterator[str]:
    """The variables that somebody set for us."""
    for name, value in os.environ.items():
        ours = name.upper()
        if not value or not ours.startswith(PREFIX) or ours.endswith(FILE_SUFFIX):
            continue
        if not _INJECTED.fullmatch(f"{ours}={value}"):
            yield ours


def _unknown(name: str, known: Collection[str]) -> str:
    own_parts = [variable.removeprefix(PREFIX) for variable in known]
    nearest = get_close_matches(name.removeprefix(PREFIX), own_parts, n=1)
    return f"{name} is no setting" + (f": is it {PREFIX}{nearest[0]}?" if nearest else "; unset it")


def explained(error: ValidationError) -> str:
    """What is wrong with settings, in one line, by their variables; of other models, by fields."""
    kind = Settings.kinds.get(error.title)
    variables = kind.variables() if kind else {}
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(_fault(variables, fault["loc"], fault["msg"]) for fault in faults)


def _fault(variables: Mapping[str, str], place: tuple[int | str, ...], reason: str) -> str:
    reason = reason.removeprefix("Value error, ")
    name = str(place[0]) if place else ""
    return f"{variables.get(name, name)}: {reason}" if place else reason


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads the secrets whose files are named."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret in the file, if one is named."""
        variable = _kind(self.settings_cls).variables()[field_name]
        file = os.environ.get(variable + FILE_SUFFIX)
        if not file:
            return None, field_name, False
        if os.environ.get(variable):
            raise self._refused(field_name, f"set it or {variable}{FILE_SUFFIX}, not both")
        try:
            return read_secret(Path(file)), field_name, False
        except NotPrivate as reason:
            raise self._refused(field_name, f"{variable}{FILE_SUFFIX}: {reason}") from None

    def __call__(self) -> dict[str, Any]:
        """The secrets by their settings' names."""
        kind = _kind(self.settings_cls)
        secrets = {
            name: self.get_field_value(kind.model_fields[name], name)[0] for name in kind.secrets()
        }
        return {name: secret for name, secret in secrets.items() if secret is not None}

    def _refused(self, name: str, reason: str) -> ValidationError:
        error = PydanticCustomError("secret_file", "{reason}", {"reason": reason})
        details = InitErrorDetails(type=error, loc=(name,), input=None)
        return ValidationError.from_exception_data(self.settings_cls.__name__, [details])


def _kind(settings: type[BaseSettings]) -> type[Settings]:
    assert issubclass(settings, Settings), "only these read files"  # noqa: S101 - for mypy
    return settings


def _is_secret(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_is_secret(field.annotation) for field in annotation.model_fields.values())
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))
