import hashlib
import os
from pathlib import Path

import pytest

from filial.errors import HostError, TamperedLedger
from filial.storages import BlobFolder


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "blobs")


def test_a_blob_is_a_plain_file_named_by_its_digest(blobs: BlobFolder) -> None:
    digest = blobs.put(b"values")
    assert digest == hashlib.sha256(b"values").hexdigest()
    assert (blobs.folder / digest[:2] / digest[2:]).read_bytes() == b"values"
    assert blobs.has(digest)
    assert not blobs.has("0" * 64)
    assert not blobs.has("../blobs")


def test_sizes_by_digest(blobs: BlobFolder) -> None:
    assert blobs.sizes() == {}
    expected = {blobs.put(bytes(size)): size for size in range(20)}
    assert blobs.sizes() == expected
    assert list(blobs.sizes()) == sorted(expected)


def test_a_known_blob_is_not_written_again(blobs: BlobFolder) -> None:
    path = blobs.folder / (digest := blobs.put(b"values"))[:2] / digest[2:]
    before = path.stat().st_ino
    blobs.put(b"values")
    assert path.stat().st_ino == before


def test_a_changed_blob_is_noticed(blobs: BlobFolder) -> None:
    digest = blobs.put(b"values")
    (blobs.folder / digest[:2] / digest[2:]).write_bytes(b"valueS")
    with pytest.raises(TamperedLedger, match=f"blob {digest} does not match its digest"):
        blobs.get(digest)


def test_a_symlink_in_place_of_a_blob_is_not_followed(blobs: BlobFolder, tmp_path: Path) -> None:
    digest = blobs.put(b"values")
    path = blobs.folder / digest[:2] / digest[2:]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TamperedLedger, match="cannot be read"):
        blobs.get(digest)


def test_a_fifo_in_place_of_a_blob_does_not_hang(blobs: BlobFolder) -> None:
    digest = blobs.put(b"values")
    path = blobs.folder / digest[:2] / digest[2:]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(TamperedLedger, match="not a regular file"):
        blobs.get(digest)


def test_a_stranger_among_the_blobs_is_noticed(blobs: BlobFolder) -> None:
    digest = blobs.put(b"values")
    (blobs.folder / digest[:2] / "notes.txt").write_bytes(b"")
    with pytest.raises(TamperedLedger, match=r"notes\.txt is not a blob"):
        blobs.sizes()


def test_half_written_blobs_are_cleared(blobs: BlobFolder) -> None:
    digest = blobs.put(b"values")
    (blobs.folder / "incoming" / "tmpabc").write_bytes(b"val")
    blobs.clear_incoming()
    assert not list((blobs.folder / "incoming").iterdir())
    assert blobs.get(digest) == b"values"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(HostError, match="cannot store a blob"):
        BlobFolder(tmp_path / "blobs").put(b"values")


def test_nothing_is_left_of_a_blob_that_cannot_be_placed(blobs: BlobFolder) -> None:
    digest = hashlib.sha256(b"values").hexdigest()
    blobs.put(b"another")
    (blobs.folder / digest[:2]).write_bytes(b"a file where a folder should be")
    with pytest.raises(HostError, match="cannot store a blob"):
        blobs.put(b"values")
    assert not list((blobs.folder / "incoming").iterdir())
