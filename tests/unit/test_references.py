"""References: how the texts that name images are read, shown and refused."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.digests import Digest
from imagedb.errors import InvalidReferenceError
from imagedb.references import (
    Reference,
    check_name,
    familiar,
    find_id_prefix,
    parse_any_reference,
    parse_new_name,
    parse_reference,
)

HEX = "0123456789abcdef" * 4
SHA256 = f"sha256:{HEX}"
SHA512 = f"sha512:{HEX}{HEX}"
INVALID = "invalid reference format"

# ── reading ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "canonical", "shown"),
    [
        ("busybox", "docker.io/library/busybox", "busybox"),
        ("library/busybox", "docker.io/library/busybox", "busybox"),
        ("docker.io/busybox", "docker.io/library/busybox", "busybox"),
        ("docker.io/library/busybox", "docker.io/library/busybox", "busybox"),
        ("index.docker.io/busybox", "docker.io/library/busybox", "busybox"),
        ("index.docker.io/library/busybox", "docker.io/library/busybox", "busybox"),
        ("user/app:1", "docker.io/user/app:1", "user/app:1"),
        ("docker.io/library/a/b:1", "docker.io/library/a/b:1", "library/a/b:1"),
        ("localhost", "docker.io/library/localhost", "localhost"),
        ("localhost/x", "localhost/x", "localhost/x"),
        ("localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"),
        ("localhost:5000/x", "localhost:5000/x", "localhost:5000/x"),
        ("host:5000", "docker.io/library/host:5000", "host:5000"),
        ("host:5000/x", "host:5000/x", "host:5000/x"),
        ("utest:5000/docker:tag3", "utest:5000/docker:tag3", "utest:5000/docker:tag3"),
        ("example.com", "docker.io/library/example.com", "example.com"),
        ("docker.io", "docker.io/library/docker.io", "docker.io"),
        ("HOST.COM:443/foo/bar", "HOST.COM:443/foo/bar", "HOST.COM:443/foo/bar"),
        ("Foo/bar", "Foo/bar", "Foo/bar"),
        ("DOCKER.IO/x", "DOCKER.IO/x", "DOCKER.IO/x"),
        ("192.168.1.1/repo:5050", "192.168.1.1/repo:5050", "192.168.1.1/repo:5050"),
        ("[2001:db8::1]/repo", "[2001:db8::1]/repo", "[2001:db8::1]/repo"),
        ("[::1]:5000/repo:tag", "[::1]:5000/repo:tag", "[::1]:5000/repo:tag"),
        ("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com", None),
        ("b.gcr.io/test.example.com/my-app:test.example.com", None, None),
        ("sub-dom1.foo.com/bar/baz/quux:some-long-tag", None, None),
        ("foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080", "foo/foo_bar.com:8080"),
        ("a__b", "docker.io/library/a__b", "a__b"),
        ("a---b.c_d", "docker.io/library/a---b.c_d", "a---b.c_d"),
        ("lowercase:Uppercase", "docker.io/library/lowercase:Uppercase", "lowercase:Uppercase"),
        ("x:_._-", "docker.io/library/x:_._-", "x:_._-"),
        (f"x:{'t' * 128}", f"docker.io/library/x:{'t' * 128}", f"x:{'t' * 128}"),
        (f"x@{SHA256}", f"docker.io/library/x@{SHA256}", f"x@{SHA256}"),
        (f"x:t@{SHA256}", f"docker.io/library/x:t@{SHA256}", f"x:t@{SHA256}"),
        (f"quay.io/x/y:t@{SHA512}", f"quay.io/x/y:t@{SHA512}", f"quay.io/x/y:t@{SHA512}"),
        (f"moby-dangling@{SHA256}", f"docker.io/library/moby-dangling@{SHA256}", None),
        ("sha256:abcdef", "docker.io/library/sha256:abcdef", "sha256:abcdef"),
        (f"{HEX}:1", f"docker.io/library/{HEX}:1", f"{HEX}:1"),
        ("b" * 247, f"docker.io/library/{'b' * 247}", "b" * 247),
        ("a/" * 127 + "a", "docker.io/" + "a/" * 127 + "a", "a/" * 127 + "a"),
        ("a.b/" + "c" * 255, "a.b/" + "c" * 255, "a.b/" + "c" * 255),
    ],
)
def test_parse_reads_what_distribution_reads(
    text: str, canonical: str | None, shown: str | None
) -> None:
    """The domain and `library/` are added for storing and left out for showing; nothing else is."""
    reference = parse_reference(text)

    assert (canonical or text) == str(reference)
    assert (shown or text) == reference.familiar == familiar(str(reference))
    assert reference == parse_reference(str(reference))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("docker.io/library/a", None, None)),
        ("a:1", ("docker.io/library/a", "1", None)),
        (f"a@{SHA256}", ("docker.io/library/a", None, SHA256)),
        (f"h:1/a:1@{SHA256}", ("h:1/a", "1", SHA256)),
    ],
)
def test_parse_finds_the_parts(text: str, parts: tuple[str, str | None, str | None]) -> None:
    """Repository, tag and digest."""
    reference = parse_reference(text)

    assert parts == (reference.repository, reference.tag, reference.digest)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", INVALID),
        ("Busybox", f"{INVALID}: repository name (library/Busybox) must be lowercase"),
        ("X:latest", f"{INVALID}: repository name (library/X) must be lowercase"),
        ("foo/Bar", f"{INVALID}: repository name (foo/Bar) must be lowercase"),
        ("Foo/Bar", f"{INVALID}: repository name (Bar) must be lowercase"),
        ("a.b/C", f"{INVALID}: repository name (C) must be lowercase"),
        ("h:1/Upper/lower:tag", f"{INVALID}: repository name (Upper/lower) must be lowercase"),
        (f"x@SHA256:{HEX}", f"{INVALID}: repository name (library/x@SHA256) must be lowercase"),
        (HEX, f"invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"),
        ("b" * 248, "repository name must not be more than 255 characters"),
        ("a/" * 128 + "a:tag", "repository name must not be more than 255 characters"),
        ("a.b/" + "c" * 256, "repository name must not be more than 255 characters"),
        (f"x:{'t' * 129}", INVALID),
        ("x:.a", INVALID),
        ("x:-a", INVALID),
        ("x:", INVALID),
        ("x@", INVALID),
        ("x:1:2", INVALID),
        (":justtag", INVALID),
        (f"@{SHA256}", INVALID),
        ("-a", INVALID),
        ("a-", INVALID),
        ("_a/b", INVALID),
        ("a..b", INVALID),
        ("a._b", INVALID),
        ("a___b", INVALID),
        ("a//b", INVALID),
        ("/a", INVALID),
        ("a/", INVALID),
        ("aa/asdf$$^/aa", INVALID),
        ("http://x/y", INVALID),
        ("localhost:http/x", INVALID),
        ("[2001:db8::1]", INVALID),
        ("[fe80::1%eth0]:5000/repo", INVALID),
        ("x@sha256:0123456789ab", INVALID),
        (f"a@{SHA256}:b", INVALID),
        (f"a@{SHA256}@{SHA256}", INVALID),
        (f"x@sha256:{HEX[1:]}", "invalid checksum digest length"),
        (f"x@sha256:{HEX}0", "invalid checksum digest length"),
        (f"x@sha512:{HEX}", "invalid checksum digest length"),
        (f"x@sha256:{HEX.upper()}", "invalid checksum digest format"),
        (f"x@md5:{HEX}", "unsupported digest algorithm"),
        ("x y", INVALID),
        (" x", INVALID),
        ("x\n", INVALID),
        ("x\t", INVALID),
        ("x\0", INVALID),
        ("x:1\n", INVALID),
        (f"x@{SHA256}\n", INVALID),
        ("tést", INVALID),
        ("x:tég", INVALID),
        ("x:٣", INVALID),
        ("\N{LATIN SMALL LETTER A}\N{COMBINING ACUTE ACCENT}", INVALID),
    ],
)
def test_parse_refuses_in_the_words_of_distribution(text: str, problem: str) -> None:
    """The error says what is wrong as docker says it, and keeps what was given."""
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference(text)

    assert (problem, text) == (str(caught.value), caught.value.reference)


# ── round trips ───────────────────────────────────────────────────────────────────────────────

WORDS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=6)
COMPONENTS = st.builds("".join, st.lists(WORDS, min_size=1, max_size=2)).flatmap(
    lambda word: (
        st.builds(
            lambda separator, other: word + separator + other,
            st.sampled_from([".", "_", "__", "-", "--"]),
            WORDS,
        )
        | st.just(word)
    )
)
DOMAINS = st.sampled_from(["docker.io", "quay.io", "h:1", "localhost", "UP", "[::1]:5000"])
REPOSITORIES = st.builds(
    lambda domain, path: f"{domain}/{'/'.join(path)}",
    DOMAINS,
    st.lists(COMPONENTS, min_size=2, max_size=4),
)
TAGS = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
REFERENCES = st.builds(
    Reference,
    REPOSITORIES,
    TAGS,
    st.none() | st.sampled_from([Digest(SHA256), Digest(SHA512)]),
)


@given(REFERENCES)
def test_canonical_form_is_read_back(reference: Reference) -> None:
    """What is stored is what was meant."""
    assert reference == parse_reference(str(reference))


@given(REFERENCES)
def test_familiar_form_is_read_back(reference: Reference) -> None:
    """What is shown can be typed; docker's one exception is a first component like a domain."""
    first = reference.familiar_repository.partition("/")[0]
    is_mistaken = reference.repository.startswith("docker.io/") and (
        "." in first or first == "localhost"
    )

    assert is_mistaken or reference == parse_reference(reference.familiar)


@given(st.text(max_size=30))
def test_parse_never_fails_otherwise(text: str) -> None:
    """Any text is read or refused; what is read comes back from its canonical form."""
    try:
        parsed = parse_any_reference(text)
    except InvalidReferenceError:
        return
    assert parsed == parse_any_reference(str(parsed))


# ── any reference ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", [HEX, SHA256, SHA512, "sha384:" + "a" * 96])
def test_a_digest_alone_is_no_name(text: str) -> None:
    """64 digits are a sha256 digest; a valid digest of another algorithm is one too."""
    expected = text if ":" in text else f"sha256:{text}"

    parsed = parse_any_reference(text)

    assert expected == parsed
    assert isinstance(parsed, Digest)


@pytest.mark.parametrize(
    "text", ["sha256:abcdef", f"sha256:{HEX[1:]}", f"sha256:{HEX.upper()}", HEX[1:], "sha512:abcd"]
)
def test_what_is_almost_a_digest_is_a_name(text: str) -> None:
    """Too short, or in capitals: a repository, perhaps called sha256."""
    assert parse_reference(text) == parse_any_reference(text)


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_blank_is_refused(text: str) -> None:
    """In the words of the engine's API."""
    with pytest.raises(InvalidReferenceError, match=r"^image name cannot be blank$"):
        parse_any_reference(text)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("abcd", "abcd"),
        ("0123456789ab", "0123456789ab"),
        (HEX[1:], HEX[1:]),
        ("sha256:abcd", "abcd"),
        (f"sha256:{HEX[1:]}", HEX[1:]),
        ("abc", None),
        ("sha256:abc", None),
        ("", None),
        ("sha256:", None),
        (HEX, None),
        (SHA256, None),
        ("ABCD", None),
        ("abcg", None),
        ("sha512:abcd", None),
        ("abcd:latest", None),
        ("abcd\n", None),
        ("library/abcd", None),
        ("٣٣٣٣", None),
    ],
)
def test_id_prefix_is_4_to_63_digits(text: str, prefix: str | None) -> None:
    """Lower-case hexadecimal digits, with or without `sha256:`."""
    assert prefix == find_id_prefix(text)


# ── what references are asked ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a:latest"),
        ("a:1", "a:1"),
        (f"a@{SHA256}", f"a@{SHA256}"),
        (f"a:1@{SHA256}", f"a:1@{SHA256}"),
    ],
)
def test_default_tag_is_for_names_alone(text: str, expected: str) -> None:
    """A tag or a digest is enough."""
    assert expected == parse_reference(text).with_default_tag().familiar


@pytest.mark.parametrize(
    ("typed", "stored", "expected"),
    [
        ("a@", "a:1", True),
        ("a@", "a@", True),
        ("a@", "a:1@", True),
        ("a:1@", "a:1", True),
        ("a:1@", "a:1@", True),
        ("a:1@", "a:2", False),
        ("a:1@", "a@", False),
        ("b@", "a:1", False),
        ("quay.io/a@", "a:1", False),
    ],
)
def test_reference_with_a_digest_stands_for_its_repository(
    typed: str, stored: str, *, expected: bool
) -> None:
    """`repo@digest` for every reference of it; with a tag, the tag is compared."""
    one, other = (parse_reference(text.replace("@", f"@{SHA256}")) for text in (typed, stored))

    assert expected == one.stands_for(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"moby-dangling@{SHA256}", True),
        (f"docker.io/library/moby-dangling@{SHA512}", True),
        (f"moby-dangling:1@{SHA256}", False),
        ("moby-dangling:1", False),
        (f"quay.io/moby-dangling@{SHA256}", False),
        (f"moby@{SHA256}", False),
    ],
)
def test_dangling_name_is_known(text: str, *, expected: bool) -> None:
    """Moby's name of an image without a name, however it is spelled."""
    assert expected == parse_reference(text).is_dangling_name


# ── new names ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "a:latest"), ("a:1", "a:1"), ("quay.io/sha256", "quay.io/sha256:latest")],
)
def test_new_name_gets_the_default_tag(text: str, expected: str) -> None:
    """A name that may be given."""
    assert expected == parse_new_name(text).familiar


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"a@{SHA256}", "refusing to create a tag with a digest reference"),
        (f"a:1@{SHA256}", "refusing to create a tag with a digest reference"),
        ("sha256", "refusing to create an ambiguous tag using digest algorithm as name"),
        ("sha256:1", "refusing to create an ambiguous tag using digest algorithm as name"),
        ("library/sha256", "refusing to create an ambiguous tag using digest algorithm as name"),
        ("moby-dangling", "refusing to create a tag in the reserved repository moby-dangling"),
        ("moby-dangling:1", "refusing to create a tag in the reserved repository moby-dangling"),
        ("Upper", f"{INVALID}: repository name (library/Upper) must be lowercase"),
        (f"{HEX}", f"invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"),
        ("a:in valid", INVALID),
        ("", INVALID),
    ],
)
def test_new_name_is_refused(text: str, problem: str) -> None:
    """With a digest, ambiguous, reserved, or no reference at all."""
    with pytest.raises(InvalidReferenceError) as caught:
        parse_new_name(text)

    assert problem == str(caught.value)


def test_reserved_names_are_refused_with_a_digest_too() -> None:
    """An archive may bring digest references, but not moby's own."""
    with pytest.raises(InvalidReferenceError, match="reserved repository moby-dangling"):
        check_name(parse_reference(f"moby-dangling@{SHA256}"))

    assert check_name(parse_reference(f"a@{SHA256}")).familiar == f"a@{SHA256}"
