"""What docker's clients write into paths and parameters."""

import pytest

from imagedb.errors import InvalidInputError
from imagedb.http.images import parse_target
from imagedb.http.parameters import is_true, parse_filters, parse_platform_object
from imagedb.http.versions import check_version, split_version
from imagedb.platforms import Platform


@pytest.mark.parametrize("word", [None, "", "0", "no", "False", " none "])
def test_false_words(word: str | None) -> None:
    """Docker's few."""
    assert not is_true(word)


@pytest.mark.parametrize("word", ["1", "true", "yes", "anything"])
def test_all_other_words_are_true(word: str) -> None:
    """As in docker."""
    assert is_true(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, {}),
        ("", {}),
        ('{"label":["a","b"]}', {"label": ("a", "b")}),
        ('{"label":{"a":true,"b":false}}', {"label": ("a",)}),
        ("{}", {}),
    ],
)
def test_filters_have_two_forms(text: str | None, expected: dict[str, tuple[str, ...]]) -> None:
    """A list of values, or an object of values that are true."""
    assert parse_filters(text, {"label"}) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label=a", "^invalid filter$"),
        ("[]", "^invalid filter$"),
        ('{"label":"a"}', "^invalid filter$"),
        ('{"label":[1]}', "^invalid filter$"),
        ('{"colour":["red"]}', "^invalid filter 'colour'$"),
        ("[" * 100_000, "^invalid filter$"),
    ],
)
def test_filters_that_are_none_are_refused(text: str, words: str) -> None:
    """In docker's words."""
    with pytest.raises(InvalidInputError, match=words):
        parse_filters(text, {"label"})


def test_platform_is_a_json_object() -> None:
    """Its keys may be written as Go writes them; it is normalised."""
    assert parse_platform_object('{"os":"linux","architecture":"aarch64","variant":"v8"}') == (
        Platform("linux", "arm64")
    )
    assert parse_platform_object('{"OS":"linux","Architecture":"amd64"}') == (
        Platform("linux", "amd64")
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("linux/arm64", "^failed to parse platform: "),
        ("[]", "^failed to parse platform: "),
        ('{"os":1}', "^failed to parse platform: "),
        ("{}", "^both OS and Architecture must be provided$"),
        ('{"architecture":"arm64"}', "^both OS and Architecture must be provided$"),
        ('{"variant":"v7"}', "^optional platform fields provided, but OS and Architecture are"),
    ],
)
def test_platform_that_is_none_is_refused(text: str, words: str) -> None:
    """With moby's words, as far as they are not Go's."""
    with pytest.raises(InvalidInputError, match=words):
        parse_platform_object(text)


@pytest.mark.parametrize(
    ("repository", "tag", "expected"),
    [
        ("", "latest", None),
        ("app", "", "docker.io/library/app"),
        ("app", "1", "docker.io/library/app:1"),
        ("app:1", "2", "docker.io/library/app:2"),
        ("reg.example.com:5000/a/b", "1", "reg.example.com:5000/a/b:1"),
    ],
)
def test_target_is_a_repository_and_a_tag(repository: str, tag: str, expected: str | None) -> None:
    """The tag is the stronger one; without a repository there is no target."""
    assert parse_target(repository, tag) == expected


@pytest.mark.parametrize(
    ("repository", "tag", "words"),
    [
        ("app@sha256:" + "ab" * 32, "", "cannot import digest reference"),
        ("app", "no tag", "invalid tag format"),
        ("Upper", "1", "must be lowercase"),
    ],
)
def test_target_that_is_none_is_refused(repository: str, tag: str, words: str) -> None:
    """In docker's words."""
    with pytest.raises(InvalidInputError, match=words):
        parse_target(repository, tag)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1.43/images/json", ((1, 43), "/images/json")),
        ("/images/json", (None, "/images/json")),
        ("/v1.43", (None, "/v1.43")),
        ("/v1/images/json", (None, "/v1/images/json")),
        ("/images/v1.43/json", (None, "/images/v1.43/json")),
    ],
)
def test_version_stands_before_the_path(
    path: str, expected: tuple[tuple[int, int] | None, str]
) -> None:
    """With two numbers and something behind it."""
    assert split_version(path) == expected


@pytest.mark.parametrize("version", [(1, 40), (1, 50), (1, 56)])
def test_versions_that_are_spoken(version: tuple[int, int]) -> None:
    """From the oldest to that of the recorded engine."""
    assert check_version(version) == version


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ((1, 39), "client version 1.39 is too old. Minimum supported API version is 1.40, please"),
        ((1, 57), "client version 1.57 is too new. Maximum supported API version is 1.56"),
        ((2, 0), "client version 2.0 is too new"),
    ],
)
def test_versions_that_are_not_spoken(version: tuple[int, int], words: str) -> None:
    """In docker's words."""
    with pytest.raises(InvalidInputError, match=words):
        check_version(version)
