from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_tui.errors import InvalidSpecError, ManifestError, RenderError, RepositoryError
from gitops_tui.model.application import DirectorySource, Source
from gitops_tui.render.directory import Rendered, manifest_files, render_directory
from tests.unit.render.reader import DictReader, Link, Submodule

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"


def config_map(name: str) -> str:
    return CONFIG_MAP.format(name)


def source(path: str = "", **directory: Any) -> Source:
    options = DirectorySource(**directory) if directory else None
    return Source("https://example.com/repository.git", path=path, directory=options)


def rendered(files: dict[str, Any], path: str = "", **directory: Any) -> Rendered:
    return render_directory(DictReader(files), source(path, **directory))


def names(found: Rendered) -> list[str]:
    return [one.obj["metadata"]["name"] for one in found.objects]


# --- which files -----------------------------------------------------------------------------------------------------


def test_files_come_in_the_order_of_their_names() -> None:
    files = {name: config_map(name[0]) for name in ("b.yml", "c.json.yaml", "a.yaml", "README.md", "a.yaml.bak")}
    assert rendered(files).files == ("a.yaml", "b.yml", "c.json.yaml")


def test_a_directory_below_is_read_only_with_recurse() -> None:
    files = {"apps/web/x.yaml": config_map("x"), "apps/z.yaml": config_map("z"), "other/o.yaml": config_map("o")}
    assert names(rendered(files, "apps")) == ["z"]
    assert names(rendered(files, "apps", recurse=True)) == ["x", "z"]


def test_globs_are_on_the_path_below_the_source() -> None:
    files = {f"apps/{name}": config_map("x") for name in ("a.yaml", "env/b.yaml", "env/c.yaml", "config.json")}
    found = rendered(files, "apps", recurse=True, include="*.yaml", exclude="{env/c*,config.json}")
    assert found.files == ("apps/a.yaml", "apps/env/b.yaml")


def test_exclude_beats_include() -> None:
    files = {"a.yaml": config_map("a"), "b.yaml": config_map("b")}
    assert names(rendered(files, include="{a,b}.yaml", exclude="b*")) == ["a"]


def test_other_endings_take_part_where_the_filter_is_off() -> None:
    files = {"a.yaml.sealed": config_map("a"), "README.md": "# words\n"}
    assert names(rendered(files, disable_extension_filter=True)) == ["a"]
    assert rendered(files).files == ()


def test_excluded_files_are_not_read() -> None:
    reader = DictReader({"a.yaml": config_map("a"), "b.yaml": "{broken"})
    render_directory(reader, source(exclude="b.yaml"))
    assert reader.was_read == ["a.yaml"]


def test_a_link_within_the_repository_is_followed() -> None:
    files = {"apps/a.yaml": Link("../shared/real.yaml"), "shared/real.yaml": config_map("shared")}
    found = rendered(files, "apps")
    assert names(found) == ["shared"]
    assert found.objects[0].file == "apps/a.yaml"


@pytest.mark.parametrize("target", ["missing.yaml", "../shared"])
def test_a_link_that_leads_to_no_file_is_left_out(target: str) -> None:
    """Argo CD ``getPotentiallyValidManifestFile``."""
    files = {"apps/a.yaml": Link(target), "apps/b.yaml": config_map("b"), "shared/c.yaml": config_map("c")}
    found = rendered(files, "apps")
    assert (names(found), found.files) == (["b"], ("apps/b.yaml",))
    assert found.warnings == ("apps/a.yaml: a symbolic link that leads to no file is left out",)


def test_a_link_that_cannot_be_followed_stops_the_rendering() -> None:
    with pytest.raises(ManifestError) as caught:
        rendered({"apps/a.yaml": Link("../../outside.yaml")}, "apps")
    assert caught.value.file == "apps/a.yaml"
    assert "exclude" in caught.value.hint


def test_a_file_that_git_cannot_read_stays_a_repository_error() -> None:
    class Broken(DictReader):
        def read(self, path: str) -> bytes:
            raise RepositoryError("the mirror is broken")

    with pytest.raises(RepositoryError):
        render_directory(Broken({"a.yaml": config_map("a")}), source())


def test_what_is_not_rendered_is_an_error_never_left_out() -> None:
    with pytest.raises(RenderError, match="Jsonnet") as jsonnet:
        rendered({"a.yaml": config_map("a"), "below/x.jsonnet": "{}"}, recurse=True)
    assert jsonnet.value.tool == "jsonnet"
    with pytest.raises(RenderError, match="submodule"):
        rendered({"a.yaml": config_map("a"), "vendor": Submodule("abc")}, recurse=True)


def test_a_submodule_beside_the_manifests_does_not_matter() -> None:
    assert names(rendered({"a.yaml": config_map("a"), "vendor": Submodule("abc")})) == ["a"]


def test_manifests_have_a_size_together() -> None:
    reader = DictReader({"a.yaml": "#" * 60, "b.yaml": "#" * 60})
    assert len(manifest_files(reader, source(), max_bytes=120)) == 2
    assert len(manifest_files(reader, source(), max_bytes=0)) == 2
    with pytest.raises(RenderError, match="larger"):
        manifest_files(reader, source(), max_bytes=119)


@pytest.mark.parametrize("path", ["/apps", "../apps", "missing"])
def test_a_wrong_path_is_a_wrong_spec(path: str) -> None:
    with pytest.raises(InvalidSpecError):
        rendered({"apps/a.yaml": config_map("a")}, path)


# --- what they hold --------------------------------------------------------------------------------------------------


def test_documents_know_where_they_stand() -> None:
    found = rendered({"a.yaml": f"---\n{config_map('a')}---\n# nothing\n---\n{config_map('b')}"})
    assert [(one.obj["metadata"]["name"], one.file, one.document, one.line) for one in found.objects] == [
        ("a", "a.yaml", 0, 2),
        ("b", "a.yaml", 1, 9),
    ]


def test_a_list_becomes_its_items() -> None:
    items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} for name in "ab"]
    files = {"list.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": items})}
    assert names(rendered(files)) == ["a", "b"]
    assert rendered({"a.yaml": "apiVersion: v1\nkind: ConfigMapList\nitems:\n"}).objects == ()
    assert rendered({"a.yaml": "apiVersion: v1\nkind: List\nitems: []\n"}).objects == ()


def test_yaml_is_read_as_kubernetes_reads_it() -> None:
    files = {"a.yaml": config_map("a") + "data:\n  on: yes\n  octal: 0o17\n"}
    assert rendered(files).objects[0].obj["data"] == {"true": True, "octal": 15}


def test_a_key_that_stands_twice_is_a_warning_with_its_place() -> None:
    found = rendered({"a.yaml": config_map("a") + "data: {}\ndata: {x: z}\n"})
    assert found.objects[0].obj["data"] == {"x": "z"}
    assert found.warnings == ("a.yaml: line 6: the key 'data' stands twice; the last one counts",)


@pytest.mark.parametrize("content", ["image:\n  tag: 1\n", "- a\n- b\n", "words\n", "{{ template }}\n", "", "---\n"])
def test_yaml_that_never_meant_to_be_a_manifest_is_passed_over(content: str) -> None:
    found = rendered({"values.yaml": content, "x.yaml": config_map("x")})
    assert names(found) == ["x"]
    assert found.files == ("values.yaml", "x.yaml")


def test_a_file_may_say_to_skip_it() -> None:
    files = {"a.yaml": f"# +argocd:skip-file-rendering\n{config_map('a')}", "b.yaml": config_map("b")}
    assert names(rendered(files)) == ["b"]


@pytest.mark.parametrize(
    ("content", "document", "line"),
    [
        (config_map("a") + "spec:\n\tx: 1\n", 0, 6),
        (config_map("a") + "---\nx: }\n", 1, 6),
        (config_map("a") + "---\nimage: x\n", 1, 6),
        ("apiVersion: v1\nkind:\nmetadata:\n  name: a\n", 0, 1),
        ("kind: ConfigMap\nmetadata:\n  name: a\n", 0, 1),
        ("apiVersion: v1\nkind: ConfigMap\n", 0, 1),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 5\n", 0, 1),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n- words\n", 0, 1),
        ("apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n", 0, 1),
    ],
)
def test_a_broken_manifest_names_file_document_line_and_the_way_out(content: str, document: int, line: int) -> None:
    with pytest.raises(ManifestError) as caught:
        rendered({"apps/a.yaml": content}, "apps")
    error = caught.value
    assert (error.file, error.document, error.line) == ("apps/a.yaml", document, line)
    assert error.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not valid JSON"),
        ("null", "no object"),
        ("[]", "list"),
        ('{"a": 1}', "no kind"),
        ("{a: 1}", "not valid JSON"),
        ('{"kind": "A"} {"kind": "B"}', "several"),
    ],
)
def test_a_json_file_holds_one_object_and_is_never_passed_over(content: str, words: str) -> None:
    with pytest.raises(ManifestError, match=words) as caught:
        rendered({"a.json": content})
    assert caught.value.file == "a.json"
    assert caught.value.hint


def test_a_hook_may_have_a_generated_name() -> None:
    content = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: migrate-\n"
    assert len(rendered({"a.yaml": content}).objects) == 1
