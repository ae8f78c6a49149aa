"""The strict YAML reader."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from analyticsops.errors import ConfigError
from analyticsops.metrics.exports.yaml_text import yaml_text
from analyticsops.yaml_files import MAX_BYTES, load_yaml, parse_yaml

PATH = Path("x.yml")


def _read(text: str, *, aliases: bool = False) -> Any:
    return parse_yaml(text, PATH, aliases=aliases)[0]


def _error(text: str, *, aliases: bool = False) -> str:
    with pytest.raises(ConfigError) as error:
        _read(text, aliases=aliases)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-12", -12),
        ("+12", 12),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2026-12-31", "2026-12-31"),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("'010'", "010"),
        ('"no"', "no"),
        ("=", "="),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("<<", "<<"),
    ],
)
def test_scalars_of_yaml_1_2(text: str, value: Any) -> None:
    read = _read(f"key: {text}\n")["key"]
    assert read == value
    assert type(read) is type(value)


def test_not_a_number() -> None:
    assert str(_read("a: .nan")["a"]) == "nan"


def test_keys_are_text() -> None:
    assert _read("no: 1\n010: 2\n~: 3\n? long\n: 4\n") == {"no": 1, "010": 2, "~": 3, "long": 4}


def test_empty_files() -> None:
    for text in ("", "\n", "# only a comment\n", "---\n", "---\n...\n"):
        assert _read(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yml:3:1: the key 'a' is also in line 1 (keep one)"),
        ("a:\n  b: 1\n  'b': 2\n", "x.yml:3:3: the key 'b' is also in line 2 (keep one)"),
        ("a: *b\n", "x.yml:1:4: the alias *b (write the value out)"),
        ("a: &b 1\nc: *b\n", "x.yml:2:4: the alias *b"),
        ("a: !!python/object/apply:os.system [x]\n", "the tag tag:yaml.org,2002:python/object"),
        ("a: !secret x\n", "x.yml:1:4: the tag !secret (leave tags out)"),
        ("a: !!binary aGk=\n", "the tag tag:yaml.org,2002:binary"),
        ("a: !!set {x}\n", "the tag tag:yaml.org,2002:set"),
        ("a: !!int x\n", "x.yml:1:4: 'x' is no int"),
        ("a: !!bool x\n", "x.yml:1:4: 'x' is no bool"),
        ("[1]: x\n", "a key that is not text"),
        ("a: [1\n", "x.yml:2:1: not YAML: while parsing a flow sequence"),
        ("a: b: c\n", "x.yml:1:5: not YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2\n", "x.yml:2:1: not YAML: expected a single document"),
        ("a: \x01\n", "x.yml:1: the character U+0001, which YAML does not allow"),
        ('a: "\\U00110000"\n', "x.yml:1:"),
        ("\ta: 1\n", "not YAML"),
        ("[" * 65 + "]" * 65, "x.yml:1:65: nested deeper than 64 levels"),
        ("[" * 100_000, "nested deeper than 64 levels"),
        ("{a: " * 100_000, "nested deeper than 64 levels"),
        ("- " * 100_000, "nested deeper than 64 levels"),
        (f"a: {'1' * 5000}\n", "a number of 5,000 digits"),
    ],
)
def test_refused(text: str, message: str) -> None:
    assert message in _error(text)


def test_depth_limit_is_exact() -> None:
    assert _read("[" * 63 + "]" * 63)


def test_aliases_and_merges_when_allowed() -> None:
    text = """
base: &base {a: 1, b: 2}
other: &other {b: 3, c: 4}
one: {<<: *base, b: 9}
two:
  b: 8
  <<: [*base, *other]
three: [*base, *base]
"""
    read = _read(text, aliases=True)
    assert read["one"] == {"a": 1, "b": 9}
    assert read["two"] == {"a": 1, "b": 8, "c": 4}
    assert read["three"] == [{"a": 1, "b": 2}] * 2
    assert read == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [*a]\n", "an alias of what it stands in"),
        ("a: &a\n  <<: *a\n", "an alias of what it stands in"),
        ("a: &a 1\nb: [" + "*a, " * 101 + "]\n", "more than 100 aliases"),
        ("a: {<<: 1}\n", "only mappings can be merged with <<"),
        ("a: *nothing\n", "found undefined alias"),
        (
            "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 11)),
            "more than 1,000,000 values once aliases are written out",
        ),
        (
            "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} [[*a{n - 1}]]\n" for n in range(1, 40)),
            "nested deeper than 64 levels",
        ),
    ],
)
def test_alias_bombs(text: str, message: str) -> None:
    start = time.monotonic()
    assert message in _error(text, aliases=True)
    assert time.monotonic() - start < 5


def test_merge_bomb_ends() -> None:
    levels = "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n" for n in range(1, 45))
    start = time.monotonic()
    assert "more than 1,000,000 values" in _error(f"m0: &m0 {{a: 1}}\n{levels}", aliases=True)
    assert time.monotonic() - start < 5


def test_lines() -> None:
    text = (
        "version: 1\nallow:\n  - rule: a\n\n    until: x\n  - rule: b\nlast:\n  {deep: [1,\n  2]}\n"
    )
    _, lines = parse_yaml(text, PATH)
    assert lines.number() == 1
    assert lines.number(("version",)) == 1
    assert lines.number(("allow", 0, "until")) == 5
    assert lines.number(("allow", 1)) == 6
    assert lines.number(("allow", 1, "missing")) == 6
    assert lines.number(("allow", 7, "rule")) == 2
    assert lines.number(("last", "deep", 1)) == 9
    assert lines.at(("allow", 0, "until")) == "x.yml:5"


def test_lines_of_merged_values() -> None:
    _, lines = parse_yaml("a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\n", PATH, aliases=True)
    assert lines.number(("b", "x")) == 2
    assert lines.number(("b", "y")) == 5


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"\xef\xbb\xbfa: gr\xc3\xb6\xc3\x9fe\n")
    assert load_yaml(file)[0] == {"a": "größe"}
    for data, message in (
        (b"a: 1\nb: \xff\n", f"{file}:2: not UTF-8 (save the file as UTF-8)"),
        ("a: 1\n".encode("utf-16"), "not UTF-8"),
        (b"#" * (MAX_BYTES + 1), "larger than 1,048,576 bytes"),
    ):
        file.write_bytes(data)
        with pytest.raises(ConfigError) as error:
            load_yaml(file)
        assert message in str(error.value)
    with pytest.raises(ConfigError, match="cannot read: No such file"):
        load_yaml(tmp_path / "none.yml")
    with pytest.raises(ConfigError, match="cannot read: Is a directory"):
        load_yaml(tmp_path)


# Raw DEL is the one character that JSON may hold and YAML may not.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(CHARACTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_reads_back_what_json_says(value: Any) -> None:
    """JSON is YAML 1.2, and msgspec is a writer that we did not write."""
    assert _read(json.dumps(value)) == value


@settings(max_examples=500)
@given(
    st.text(
        st.sampled_from("ab01:-[]{}#&*!|>'\"%@`,?\\ \n\t~<.Ux=")
        | st.characters(categories=None, max_codepoint=0x2030),
        max_size=60,
    ),
    st.booleans(),
)
def test_any_text_ends_in_a_value_or_one_error(text: str, aliases: bool) -> None:
    try:
        parse_yaml(text, PATH, aliases=aliases)
    except ConfigError as error:
        found = error.where
    else:
        found = "x.yml"
    assert found.startswith("x.yml")


@pytest.mark.parametrize(
    "text", ["1e5", "0o17", "0x1f", "12", ".5", "1.", "null", "true", "1_0", "no"]
)
def test_what_is_written_as_text_is_read_as_text(text: str) -> None:
    written = yaml_text({"job": text})
    assert parse_yaml(written, Path("it.yml"))[0] == {"job": text}
