"""Platforms: two spellings of one platform are one value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.errors import InvalidPlatformError
from imagedb.platforms import LINUX_AMD64, Platform, parse_platform, platform_of

ARCHITECTURES = (
    "386 amd64 arm arm64 armel armhf aarch64 i386 x86_64 x86-64 s390x ppc64le riscv64 mips64le wasm"
)
VARIANTS = ("", "v1", "v2", "v3", "5", "6", "7", "8", "9", "v5", "v6", "v7", "v8", "v9")


@pytest.mark.parametrize(
    ("architecture", "variant", "expected"),
    [
        ("amd64", "", "linux/amd64"),
        ("amd64", "v1", "linux/amd64"),
        ("amd64", "v2", "linux/amd64/v2"),
        ("x86_64", "", "linux/amd64"),
        ("x86-64", "", "linux/amd64"),
        ("X86_64", "V1", "linux/amd64"),
        ("x86_64", "v3", "linux/amd64/v3"),
        ("i386", "", "linux/386"),
        ("i386", "v7", "linux/386"),
        ("386", "", "linux/386"),
        ("386", "softfloat", "linux/386/softfloat"),
        ("arm64", "", "linux/arm64"),
        ("arm64", "8", "linux/arm64"),
        ("arm64", "v8", "linux/arm64"),
        ("arm64", "v9", "linux/arm64/v9"),
        ("arm64", "9", "linux/arm64/9"),
        ("aarch64", "", "linux/arm64"),
        ("AArch64", "V8", "linux/arm64"),
        ("arm", "", "linux/arm/v7"),
        ("arm", "5", "linux/arm/v5"),
        ("arm", "6", "linux/arm/v6"),
        ("arm", "7", "linux/arm/v7"),
        ("arm", "8", "linux/arm/v8"),
        ("arm", "v6", "linux/arm/v6"),
        ("arm", "v7", "linux/arm/v7"),
        ("armhf", "", "linux/arm/v7"),
        ("armhf", "v6", "linux/arm/v7"),
        ("armel", "", "linux/arm/v6"),
        ("armel", "v7", "linux/arm/v6"),
        ("ppc64le", "power9", "linux/ppc64le/power9"),
        ("unknown", "", "linux/unknown"),
    ],
)
def test_platform_is_normalised_as_containerd_does(
    architecture: str, variant: str, expected: str
) -> None:
    """Architecture and variant follow containerd's table; what it does not list stays."""
    assert expected == str(platform_of("linux", architecture, variant))


@pytest.mark.parametrize(
    ("os", "expected"),
    [("Linux", "linux"), ("macOS", "darwin"), ("darwin", "darwin"), ("Windows", "windows")],
)
def test_platform_of_an_os_is_lower_case(os: str, expected: str) -> None:
    """An operating system is lower case, and macos is darwin."""
    assert Platform(expected, "amd64") == platform_of(os, "amd64")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/x86_64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm/6", "linux/arm/v6"),
        ("windows/amd64", "windows/amd64"),
        ("macos/aarch64", "darwin/arm64"),
        ("amd64", "linux/amd64"),
        ("Aarch64", "linux/arm64"),
        ("arm", "linux/arm/v7"),
        ("armel", "linux/arm/v6"),
        ("armhf", "linux/arm/v7"),
        ("i386", "linux/386"),
        ("x86_64", "linux/amd64"),
        ("s390x", "linux/s390x"),
        ("unknown/unknown", "unknown/unknown"),
    ],
)
def test_parse_platform_reads_what_users_type(text: str, expected: str) -> None:
    """`os/architecture[/variant]`, or an architecture of Linux."""
    assert expected == str(parse_platform(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "linux",
        "no-such-architecture",
        "linux/",
        "/amd64",
        "/linux/arm",
        "linux/arm/",
        "linux//v8",
        "linux /arm",
        "linux/&arm",
        "linux/arm/foo/bar",
        "*",
        "linux/*",
        "linux/amd64\n",
        "linux/\N{DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}",
        "linux/" + "a" * 65,
    ],
)
def test_parse_platform_refuses_the_rest(text: str) -> None:
    """The message is one printable line, however long or strange the text."""
    with pytest.raises(InvalidPlatformError) as caught:
        parse_platform(text)

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@given(
    os=st.sampled_from(["linux", "Windows", "macOS", "freebsd"]),
    architecture=st.sampled_from(ARCHITECTURES.split()),
    variant=st.sampled_from(VARIANTS),
)
def test_normal_form_is_stable(os: str, architecture: str, variant: str) -> None:
    """Normalising again, or reading what was printed, changes nothing."""
    platform = platform_of(os, architecture, variant)

    assert platform == platform_of(platform.os, platform.architecture, platform.variant)
    assert platform == parse_platform(str(platform))
    assert hash(platform) == hash(parse_platform(str(platform)))


def test_linux_amd64_is_in_normal_form() -> None:
    """The platform that stands for an image by default."""
    assert parse_platform("linux/amd64") == LINUX_AMD64
