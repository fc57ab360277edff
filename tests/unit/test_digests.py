"""Digests: what is one, how it is stored, and what chain IDs are made of."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.digests import Digest, ImageID, chain_ids, find_digest, parse_digest
from imagedb.errors import InvalidDigestError

HEX = "0123456789abcdef" * 4
DIGESTS = st.sampled_from([("sha256", 32), ("sha384", 48), ("sha512", 64)]).flatmap(
    lambda kind: st.binary(min_size=kind[1], max_size=kind[1]).map(
        lambda content: f"{kind[0]}:{content.hex()}"
    )
)


@given(DIGESTS)
def test_digest_survives_storing(text: str) -> None:
    """Text to bytes and back, of every algorithm, in the class that is asked for."""
    stored = ImageID(text).to_bytes()

    assert text == ImageID.from_bytes(stored) == parse_digest(text) == find_digest(text)
    assert type(ImageID.from_bytes(stored)) is ImageID
    assert (len(stored) == 32) == text.startswith("sha256:")


@given(DIGESTS, DIGESTS)
def test_stored_forms_tell_digests_apart(one: str, other: str) -> None:
    """Two digests have one stored form only if they are one."""
    assert (one == other) == (Digest(one).to_bytes() == Digest(other).to_bytes())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid checksum digest format: ''"),
        (HEX, f"invalid checksum digest format: '{HEX}'"),
        ("sha256:", "invalid checksum digest format: 'sha256:'"),
        (":" + HEX, "unsupported digest algorithm: ''"),
        ("md5:" + "a" * 32, "unsupported digest algorithm: 'md5'"),
        ("SHA256:" + HEX, "unsupported digest algorithm: 'SHA256'"),
        ("sha256:" + HEX[1:], f"invalid checksum digest length: 'sha256:{HEX[1:]}'"),
        ("sha256:" + HEX + "0", f"invalid checksum digest length: 'sha256:{HEX}0'"),
        ("sha512:" + HEX, f"invalid checksum digest length: 'sha512:{HEX}'"),
        ("sha256:" + HEX.upper(), f"invalid checksum digest format: 'sha256:{HEX.upper()}'"),
        ("sha256:" + "g" * 64, f"invalid checksum digest format: 'sha256:{'g' * 64}'"),
        ("sha256:" + HEX[:-1] + "\n", rf"invalid checksum digest format: 'sha256:{HEX[:-1]}\n'"),
        ("sha256:" + HEX[:-1] + "٣", f"invalid checksum digest format: 'sha256:{HEX[:-1]}٣'"),
        ("sha256:" + HEX + ":" + HEX, f"invalid checksum digest length: 'sha256:{HEX}:{HEX[:8]}'"),
    ],
)
def test_parse_digest_says_what_is_wrong(text: str, problem: str) -> None:
    """Algorithm, length and digits are checked; a long text is told by its beginning."""
    with pytest.raises(InvalidDigestError) as caught:
        parse_digest(text)

    assert problem == str(caught.value)
    assert find_digest(text) is None


def test_digest_has_parts() -> None:
    """Algorithm, digits, and the twelve digits that docker shows."""
    digest = parse_digest("sha256:" + HEX)

    assert ("sha256", HEX, HEX[:12]) == (digest.algorithm, digest.hex, digest.short)
    assert digest == "sha256:" + HEX


def test_digest_of_content() -> None:
    """It is the content's sha256."""
    expected = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert expected == Digest.of(b"")


def test_chain_ids_are_made_as_the_specification_says() -> None:
    """The first is the diff ID; each next the digest of "<chain ID> <diff ID>"."""
    diff_ids = [Digest.of(letter) for letter in (b"a", b"b", b"c")]

    first, second, third = chain_ids(diff_ids)

    assert diff_ids[0] == first
    assert f"sha256:{hashlib.sha256(f'{first} {diff_ids[1]}'.encode()).hexdigest()}" == second
    assert f"sha256:{hashlib.sha256(f'{second} {diff_ids[2]}'.encode()).hexdigest()}" == third


@given(st.lists(DIGESTS, max_size=6), st.lists(DIGESTS, max_size=3))
def test_chain_ids_tell_prefixes(layers: list[str], more: list[str]) -> None:
    """What is built on layers begins with their chain IDs; no layers have none."""
    chains = list(chain_ids(layers))

    assert chains == list(chain_ids(layers + more))[: len(layers)]
    assert len(chains) == len(layers)
