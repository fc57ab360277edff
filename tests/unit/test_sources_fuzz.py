"""Whatever bytes come, they are read or refused in one line."""

import io

from hypothesis import example, given
from hypothesis import strategies as st

from imagedb.errors import InvalidSourceError
from imagedb.sources import read_stream
from tests.builders.archives import Files, docker_files, hybrid_files, layout_files, pack
from tests.builders.images import an_attestation, an_image, an_index

APP = an_image("ab", compressed=True, labels={"team": "web"})
INDEX = an_index(APP, an_image("a", platform="linux/arm64"), an_attestation(APP))
SOURCES: list[Files] = [
    layout_files([(INDEX, ["app:1"])]),
    hybrid_files([(APP, ["app:1"])]),
    docker_files([(APP, ["app:1"]), (an_image("a"), [])]),
]
ARCHIVES = [pack(files, compressed=zipped) for files in SOURCES for zipped in (False, True)]
DOCUMENTS = [
    (number, name)
    for number, files in enumerate(SOURCES)
    for name, content in files.items()
    if isinstance(content, bytes) and content.startswith((b"{", b"["))
]
TEXTS = st.sampled_from(
    [b"null", b"-1", b"1e999", b"{}", b"[]", b'"', b"\\ud800", b"\\u0000", b"\xff", b"../", b","]
)


def read_or_refuse(content: bytes) -> None:
    """Read a source; let nothing through but what callers are told of."""
    message = ""
    try:
        read_stream(io.BytesIO(content))
    except InvalidSourceError as error:
        message = str(error)

    assert not message or message.startswith("<stdin>: ")
    assert message.isprintable()


@given(st.binary(max_size=2_000))
@example(b"\x1f\x8b\x08")
@example(b"\0" * 512)
def test_any_bytes_are_refused(content: bytes) -> None:
    """Bytes of any kind do no harm."""
    read_or_refuse(content)


@given(st.sampled_from(ARCHIVES), st.data())
def test_damaged_archives_are_read_or_refused(archive: bytes, data: st.DataObject) -> None:
    """An archive with some bytes changed, or without its end, does no harm."""
    changed = bytearray(archive)
    places = st.integers(0, len(archive) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        changed[place] = value
    read_or_refuse(bytes(changed[: data.draw(st.integers(0, len(archive)))]))


@given(st.sampled_from(DOCUMENTS), st.floats(0, 1), st.integers(0, 30), TEXTS)
def test_damaged_documents_are_read_or_refused(
    document: tuple[int, str], place: float, length: int, text: bytes
) -> None:
    """A document with something else in some place does no harm."""
    number, name = document
    content = SOURCES[number][name]
    assert isinstance(content, bytes)
    start = int(place * len(content))
    changed = content[:start] + text + content[start + length :]
    read_or_refuse(pack({**SOURCES[number], name: changed}))


def test_seeds_are_sound() -> None:
    """What is damaged above is whole to begin with."""
    for archive in ARCHIVES:
        assert read_stream(io.BytesIO(archive))
