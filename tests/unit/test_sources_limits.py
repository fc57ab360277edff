"""How much is read, and what is said of more."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from imagedb.errors import InvalidSourceError, LimitExceededError
from imagedb.sources import limits, read_source, read_stream
from tests.builders.archives import (
    LAYOUT_MARK,
    Files,
    an_index_json,
    blob_path,
    layout_files,
    pack,
    write_tar,
)
from tests.builders.images import (
    OCI_INDEX,
    OCI_LAYER,
    Blob,
    Built,
    BuiltIndex,
    a_config,
    a_layer,
    an_image,
    an_index,
    as_json,
)
from tests.unit.refusals import APP, CONFIG, layout, layout_of

BOMB = gzip.compress(bytes(50 << 20))


def excess_of(path: Path, files: Files) -> tuple[str, int]:
    """Read what must be too much, and give what is said of it and the limit."""
    write_tar(path, files)
    with pytest.raises(LimitExceededError) as caught:
        read_source(path)
    return str(caught.value).removeprefix(f"{path}: "), caught.value.limit


def an_index_of(count: int) -> bytes:
    """Write an index of so many members that are not there."""
    members = (
        {"mediaType": OCI_INDEX, "digest": f"sha256:{number:064x}", "size": 1}
        for number in range(count)
    )
    return an_index_json(members)


def test_document_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """20 MiB are read, a byte more is not."""
    content = layout()["index.json"]
    assert isinstance(content, bytes)
    largest = content.ljust(20 << 20)
    files = layout(**{"index.json": largest})

    assert read_source(write_tar(tmp_path / "x", files))[0].id == APP.digest
    assert excess_of(tmp_path / "y", layout(**{"index.json": largest + b" "})) == (
        "'index.json' has 20,971,521 bytes, too many for a document (limit: 20,971,520)",
        20 << 20,
    )


def test_documents_are_limited_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All documents of a source are kept in memory, so that their sum counts."""
    monkeypatch.setattr(limits, "TOTAL_DOCUMENT_BYTES", 1_000)
    message, limit = excess_of(tmp_path / "x", layout())

    assert message.startswith(f"the documents up to {CONFIG!r} have 1,")
    assert message.endswith(" bytes together (limit: 1,000)")
    assert limit == 1_000


@pytest.mark.parametrize(
    ("opening", "closing"),
    [pytest.param("[", "]", id="arrays"), pytest.param('{"x":', "}", id="objects")],
)
def test_nesting_is_limited(tmp_path: Path, opening: str, closing: str) -> None:
    """64 levels are read, the outermost included; any more are not, however many."""
    for depth in (63, 64, 50_000):
        inner = f"{opening * depth}1{closing * depth}"
        config = f'{{"architecture":"amd64","x":{inner}}}'.encode()
        files = layout_of(config)
        where = blob_path(Blob(config, "").digest)
        if depth < limits.NESTING:
            assert read_source(write_tar(tmp_path / "x", files))
        else:
            assert excess_of(tmp_path / "y", files) == (
                f"{where!r} is nested too deeply (limit: 64)",
                64,
            )


def test_members_of_an_index_are_limited(tmp_path: Path) -> None:
    """An index names up to 1,000 members."""
    files: Files = {"oci-layout": LAYOUT_MARK, "index.json": an_index_of(1_001)}

    assert excess_of(tmp_path / "x", files) == (
        "'index.json' has 1,001 members (limit: 1,000)",
        1_000,
    )


def test_members_of_nested_indexes_are_limited_together(tmp_path: Path) -> None:
    """Indexes within one another do not get round the limit."""
    inner = [BuiltIndex(an_index_of(n), OCI_INDEX, ()) for n in (400, 1_000)]
    files = layout_files([(an_index(an_image("a"), *inner), [])])

    assert excess_of(tmp_path / "x", files) == (
        "an index and those in it have too many members (limit: 1,000)",
        1_000,
    )


def test_depth_of_indexes_is_limited(tmp_path: Path) -> None:
    """Eight indexes within one another are read, nine are not."""
    top: Built = an_image("a")
    for depth in range(1, 10):
        top = an_index(top)
        files = layout_files([(top, [])])
        if depth <= limits.INDEX_DEPTH:
            assert len(read_source(write_tar(tmp_path / "x", files))[0].indexes) == depth
        else:
            message, _ = excess_of(tmp_path / "y", files)
            assert message.endswith(" is an index too deep in others (limit: 8)")


def test_images_of_a_docker_archive_are_limited(tmp_path: Path) -> None:
    """`manifest.json` lists as many images as an index may."""
    files: Files = {"manifest.json": as_json([{"Config": "x"}] * 1_001)}

    assert excess_of(tmp_path / "x", files)[0] == "'manifest.json' has 1,001 members (limit: 1,000)"


def test_layer_bomb_is_refused(tmp_path: Path) -> None:
    """A layer may unpack to 200 times its size."""
    layer = Blob(BOMB, OCI_LAYER)
    path = blob_path(layer.digest)
    files = layout_of(a_config([a_layer("a")]).content, (layer,))

    assert excess_of(tmp_path / "x", files) == (
        f"{path!r} unpacks to too many times its {len(BOMB):,} bytes (limit: 200)",
        200,
    )


def test_archive_bomb_is_refused(tmp_path: Path) -> None:
    """So may a compressed archive, from a file as from a stream."""
    (tmp_path / "x").write_bytes(BOMB)
    problem = f"the archive unpacks to too many times its {len(BOMB):,} bytes (limit: 200)"
    with pytest.raises(LimitExceededError) as from_file:
        read_source(tmp_path / "x")
    with pytest.raises(LimitExceededError) as from_stream:
        read_stream(io.BytesIO(BOMB))

    assert str(from_file.value) == f"{tmp_path}/x: {problem}"
    assert str(from_stream.value) == f"<stdin>: {problem}"


def test_small_layer_of_any_regularity_is_read(tmp_path: Path) -> None:
    """A small file may unpack to a MiB however small it is."""
    content = bytes(1 << 20)
    layer = Blob(gzip.compress(content), OCI_LAYER)
    config = as_json({"rootfs": {"diff_ids": [Blob(content, "").digest]}})
    (image,) = read_source(write_tar(tmp_path / "x", layout_of(config, (layer,))))

    assert len(content) > limits.EXPANSION * len(layer.content)
    assert image.manifests[0].layers[0].unpacked_size == 1 << 20


def test_unpacked_bytes_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large a layer file is, it does not unpack to any size."""
    assert limits.UNPACKED_BYTES == 256 * 2**30
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 10_239)

    assert excess_of(tmp_path / "x", layout()) == (
        f"{blob_path(APP.layers[0].digest)!r} unpacks to too many bytes (limit: 10,239)",
        10_239,
    )


def test_stream_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that has no end is not copied for ever."""
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 10_000)
    with pytest.raises(LimitExceededError, match=r"the stream has too many bytes .limit: 10,000."):
        read_stream(io.BytesIO(pack(layout())))


def test_entries_of_a_tar_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tar has as many entries as the limit says, and not one more."""
    assert limits.TAR_ENTRIES == 1_000_000
    files = layout()
    monkeypatch.setattr(limits, "TAR_ENTRIES", len(files))

    assert read_source(write_tar(tmp_path / "x", files))
    assert excess_of(tmp_path / "y", {**files, "more": b""})[0] == (
        f"the archive has too many entries (limit: {len(files)})"
    )


# ── headers that tarfile would believe ────────────────────────────────────────────────────────


def header(kind: bytes, size: int = 0, name: str = "x") -> bytes:
    """Make a tar header that claims a size."""
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


def pax(*records: str) -> bytes:
    """Make extended headers of one entry."""
    lines = "".join(f"{len(r) + 4:02} {r}\n" for r in records).encode()
    return header(tarfile.XHDTYPE, len(lines)) + lines.ljust(512, b"\0")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(
            header(b"0") + header(tarfile.GNUTYPE_LONGNAME, 2 << 20) + b"a" * (3 << 20),
            "the archive has an oversized header before byte 1,024 (limit: 1,048,576)",
            id="long name",
        ),
        pytest.param(
            header(tarfile.XHDTYPE, 2 << 20) + b"a" * (3 << 20),
            "the archive has an oversized header before byte 512 (limit: 1,048,576)",
            id="extended header",
        ),
        pytest.param(
            header(b"0") + pax("size=-99999") + header(b"0"),
            "the archive is damaged: no tar header at byte 512",
            id="negative size",
        ),
        pytest.param(
            header(b"0") + header(b"0", -5_000),
            "the archive is damaged: no tar header at byte 512",
            id="negative binary size",
        ),
        pytest.param(
            header(b"0") + pax("path=x") * 900 + header(b"0") + bytes(1024),
            "the archive is damaged: no tar header at byte 512",
            id="headers upon headers",
        ),
        pytest.param(
            header(b"0")
            + pax("GNU.sparse.major=1", "GNU.sparse.minor=0")
            + header(b"0", 512)
            + b"9" * 512,
            "the archive is damaged: no tar header at byte 512",
            id="sparse map without end",
        ),
    ],
)
def test_header_that_lies_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    """No header makes us read without bounds, go backwards or fall over."""
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(InvalidSourceError) as caught:
        read_source(path)

    assert str(caught.value).startswith(f"{path}: {problem}")


def test_sparse_file_is_refused(tmp_path: Path) -> None:
    """A sparse file claims any size without having it."""
    sparse = header(tarfile.GNUTYPE_SPARSE, 0, "index.json")
    (tmp_path / "x.tar").write_bytes(
        pack({"oci-layout": LAYOUT_MARK})[:1024] + sparse + bytes(1024)
    )
    with pytest.raises(InvalidSourceError, match=r"'index.json' is not a file"):
        read_source(tmp_path / "x.tar")


def test_gzip_of_many_small_members_stays_linear(tmp_path: Path) -> None:
    """A million empty members are read in a moment, not copied over and over."""
    members = gzip.compress(b"") * 100_000
    layer = Blob(members + a_layer("a", compressed=True).content, OCI_LAYER)
    files = layout_of(a_config([a_layer("a")]).content, (layer,))
    (image,) = read_source(write_tar(tmp_path / "x", files))

    assert image.manifests[0].layers[0].unpacked_size == len(a_layer("a").tar)


def test_limits_are_as_written() -> None:
    """A limit is a promise: who raises one says so here."""
    named = {name: value for name, value in vars(limits).items() if name.isupper()}

    assert named == {
        "CHUNK_BYTES": 1 << 20,
        "DOCUMENT_BYTES": 20 << 20,
        "EXPANSION": 200,
        "EXPANSION_FLOOR_BYTES": 1 << 20,
        "INDEX_DEPTH": 8,
        "LABEL_KEY_BYTES": 1_024,
        "LINKS": 40,
        "MEMBERS": 1_000,
        "NESTING": 64,
        "TAR_ENTRIES": 1_000_000,
        "TAR_HEADER_BYTES": 1 << 20,
        "TOTAL_DOCUMENT_BYTES": 256 << 20,
        "UNPACKED_BYTES": 256 << 30,
    }
