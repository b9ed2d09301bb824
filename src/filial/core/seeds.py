"""Where every seed of a study comes from."""

import hashlib
import hmac


class Seeds:
    """Derives 64-bit seeds from the study's secret.

    A seed is HMAC-SHA256(secret, names), so nobody who lacks the secret can predict the seeds, and
    confirm seeds, whose names contain the frozen tree's id, do not exist before the tree does.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("a study's secret needs at least 16 bytes")
        self._secret = secret

    def of(self, *names: str | int) -> int:
        """Returns the seed called ``names``, between 0 and 2**63 - 1."""
        text = "\x1f".join(map(str, names)).encode()
        digest = hmac.new(self._secret, text, hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") >> 1

    @property
    def commitment(self) -> str:
        """SHA-256 of the secret, hexadecimal: pins the seeds without revealing them."""
        return hashlib.sha256(self._secret).hexdigest()
