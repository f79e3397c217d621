"""What the package says of itself."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml

from cascades_sdk import _meta

ROOT = Path(__file__).parents[1]


def test_the_user_agent_names_the_product_its_version_and_its_home() -> None:
    agent = _meta.build_default_user_agent()
    assert agent == (
        f"cascades-sdk/{_meta.__version__} (Cascades; +https://github.com/no1rstack/cascades-sdk; Noir Stack LLC)"
    )


def test_the_vendor_headers_are_stable_and_each_time_fresh() -> None:
    headers = _meta.vendor_telemetry_headers()
    assert headers == {
        "X-SDK-Name": "cascades-sdk",
        "X-SDK-Version": _meta.__version__,
        "X-Product": "Cascades",
        "X-Vendor": "Noir Stack LLC",
        "X-SDK-Api-Contract": _meta.API_CONTRACT_VERSION,
    }
    headers.clear()
    assert _meta.vendor_telemetry_headers()


def test_the_installed_version_is_the_one_that_is_said() -> None:
    assert version("cascades-sdk") == _meta.__version__


def test_the_contract_version_is_that_of_the_contract_document() -> None:
    contract = yaml.safe_load((ROOT / "contracts" / "api.yaml").read_text("utf-8"))
    agreed, spoken = contract["info"]["version"], _meta.API_CONTRACT_VERSION
    assert agreed == spoken, (
        f"contracts/api.yaml is of version {agreed}, and src/cascades_sdk/_meta.py says {spoken}: "
        'set API_CONTRACT_VERSION in the same commit (contracts/README.md, "Versions")'
    )


def test_the_build_reads_the_version_here() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["hatch"]["version"]["path"] == "src/cascades_sdk/_meta.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", _meta.__version__)


def test_the_file_imports_nothing() -> None:
    assert "import" not in re.findall(r"^\w+", Path(_meta.__file__).read_text("utf-8"), re.MULTILINE)
