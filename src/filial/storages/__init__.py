"""Ledger and blobs: an append-only, hash-chained record of a study that survives its process."""

from filial.storages.base import Storage
from filial.storages.blobs import BlobFolder
from filial.storages.codec import content, decode, encode
from filial.storages.memory import MemoryStorage
from filial.storages.sqlite import SqliteStorage

__all__ = [
    "BlobFolder",
    "MemoryStorage",
    "SqliteStorage",
    "Storage",
    "content",
    "decode",
    "encode",
]
