"""What this package says of itself: versions, product markers, and the headers built from them.

Decided here: names and versions, once. Never here: imports, so that a build tool can read the file.
"""

__version__ = "0.1.0"

#: ``info.version`` of ``contracts/api.yaml``; a test keeps the two equal.
API_CONTRACT_VERSION = "1.0.0"

SDK_NAME = "cascades-sdk"
PRODUCT = "Cascades"
VENDOR = "Noir Stack LLC"
REPOSITORY_URL = "https://github.com/no1rstack/cascades-sdk"


def build_default_user_agent() -> str:
    """The ``User-Agent`` sent when a client is given none (RFC 9110 §10.1.5: products, then a comment)."""
    return f"{SDK_NAME}/{__version__} ({PRODUCT}; +{REPOSITORY_URL}; {VENDOR})"


def vendor_telemetry_headers() -> dict[str, str]:
    """The stable ``X-…`` headers that a client sends when it is asked to (``vendor_headers=True``).

    Returns:
        A fresh ``dict``; the caller may change it.
    """
    return {
        "X-SDK-Name": SDK_NAME,
        "X-SDK-Version": __version__,
        "X-Product": PRODUCT,
        "X-Vendor": VENDOR,
        "X-SDK-Api-Contract": API_CONTRACT_VERSION,
    }
