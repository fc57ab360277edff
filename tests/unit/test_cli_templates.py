"""Docker's small templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagedb.cli.templates import parse_template
from imagedb.errors import InvalidTemplateError

RECORD: dict[str, object] = {
    "ID": "abc",
    "Names": ["app:1", "app:2"],
    "Config": {"Labels": {"a.b": "x y", "evil": "\x1b[31m"}, "Env": None, "Tty": False},
    "Size": 7,
    "time": 12,
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("plain }}", "plain }}", id="text"),
        pytest.param("{{.ID}}", "abc", id="field"),
        pytest.param("{{ .ID }}-{{.Size}}", "abc-7", id="two fields"),
        pytest.param(r"{{.ID}}\t{{.Size}}\n", "abc\t7\n", id="escapes"),
        pytest.param("{{.Time}}", "12", id="capitalised, as Go's fields are"),
        pytest.param("{{.time}}", "12", id="as JSON has it"),
        pytest.param("{{.Names}}", "[app:1 app:2]", id="list"),
        pytest.param(
            "{{.Config}}",
            r"map[Env:<no value> Labels:map[a.b:x y evil:\x1b[31m] Tty:false]",
            id="map",
        ),
        pytest.param("{{.Config.Env}}", "<no value>", id="null"),
        pytest.param("{{.Config.Labels.none}}", "<no value>", id="missing label"),
        pytest.param("{{json .Config.User}}", "null", id="missing setting"),
        pytest.param("{{.Config.Labels.evil}}", r"\x1b[31m", id="escaped"),
        pytest.param("{{json .Names}}", '["app:1","app:2"]', id="json of a field"),
        pytest.param("{{json .Config.Labels}}", '{"a.b":"x y","evil":"\\u001b[31m"}', id="json"),
        pytest.param("{{upper .ID}}{{lower `X`}}", "ABCx", id="case"),
        pytest.param('{{title "two words"}}', "Two Words", id="title"),
        pytest.param('{{join .Names ", "}}', "app:1, app:2", id="join"),
        pytest.param("{{len .Names}}", "2", id="len"),
        pytest.param("{{index .Names 1}}", "app:2", id="index of a list"),
        pytest.param('{{index .Config.Labels "a.b"}}', "x y", id="index of a map"),
        pytest.param('{{index .Config.Labels "none"}}', "", id="index of nothing"),
        pytest.param("{{truncate .ID 2}}", "ab", id="truncate"),
        pytest.param(r'{{"a\"b"}}', 'a"b', id="string"),
    ],
)
def test_render_fills_in(template: str, expected: str) -> None:
    """Fields, functions and text come out as docker writes them, fit for a terminal."""
    assert expected == parse_template(template).render(RECORD)


def test_render_the_whole_record_as_json() -> None:
    """`.` is the record."""
    assert parse_template("{{json .}}").render({"a": [1]}) == '{"a":[1]}'


@pytest.mark.parametrize(
    "template",
    [
        *("{{.ID", "{{}}", "{{ }}", "{{.ID.}}", "{{..}}", "{{.ID .Size}}"),
        *("{{if .ID}}x{{end}}", "{{.ID | upper}}", "{{range .Names}}", "{{nope .ID}}"),
        *("{{'x'}}", '{{"x}}', '{{"x"y}}'),
    ],
)
def test_parse_refuses_what_is_outside_the_subset(template: str) -> None:
    """The error says what there is."""
    with pytest.raises(InvalidTemplateError, match="use --format json and jq"):
        parse_template(template)


def test_parse_refuses_an_unknown_field_before_there_is_a_record() -> None:
    """The error names the fields there are."""
    with pytest.raises(InvalidTemplateError) as caught:
        parse_template("{{json .Nope}}", ["ID", "Size"])

    assert str(caught.value) == "unknown field .Nope in --format; the fields are: ID, Size"


@pytest.mark.parametrize(
    ("template", "known"),
    [
        ("{{.Nope}}", "ID, Names, Config, Size, time"),
        ("{{.Config.Nope}}", "Labels, Env, Tty"),
        ("{{.ID.Nope}}", "none"),
    ],
)
def test_render_refuses_an_unknown_field(template: str, known: str) -> None:
    """At each step the error names the fields of that place."""
    with pytest.raises(InvalidTemplateError, match=rf"the fields are: {known}$"):
        parse_template(template).render(RECORD)


@pytest.mark.parametrize(
    "template", ["{{len .Size}}", "{{index .Names 9}}", '{{join .ID .ID "x"}}', "{{upper .Size}}"]
)
def test_render_refuses_what_a_function_cannot_take(template: str) -> None:
    """A function that does not fit is an error of the input, not a defect."""
    with pytest.raises(InvalidTemplateError, match="does not fit"):
        parse_template(template).render(RECORD)


def test_header_has_a_heading_for_each_field() -> None:
    """Functions leave headings as they are."""
    template = parse_template(r"{{.ID}}\t{{upper .Name}}")

    assert template.render_header({"ID": "IMAGE ID", "Name": "Names"}) == "IMAGE ID\tNames"


@given(st.text(alphabet='{}.`"\\ abID|-1\n'))
def test_parse_never_fails_otherwise(text: str) -> None:
    """Any text is a template or is refused."""
    try:
        parse_template(text).render(RECORD)
    except InvalidTemplateError:
        return
