"""Every archive keeps the contract of the seam."""

from filial.archives import Archive, IncumbentArchive, Islands
from filial.testing.archive_contract import METRIC, ArchiveContract


class TestIncumbent(ArchiveContract):
    def make(self) -> Archive:
        return IncumbentArchive()


class TestIslands(ArchiveContract):
    def make(self) -> Archive:
        return Islands(4, 15, METRIC)


class TestOneIsland(ArchiveContract):
    def make(self) -> Archive:
        return Islands(1, 1, METRIC)
