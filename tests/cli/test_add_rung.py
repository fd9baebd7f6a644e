"""Adding a rung touches exactly one file: the example of CONTRIBUTING.md, dropped into a copy of the tree."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli import build
from cli.paths import ROOT

CHAPTER = "01-first-kernel"


def example() -> tuple[str, str]:
    """The file that CONTRIBUTING.md shows: its path and its text."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    code = re.search(r"```cpp\n// (chapters/\S+\.cu)\n(.*?)```", text, re.DOTALL)
    assert code
    return code[1], code[2]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what the program is built from, with one chapter and one rung in it."""
    root = tmp_path_factory.mktemp("tree")
    for name in ("bench", "cmake", "kernels", "simt", "train"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("results"))
    for name in ("CMakeLists.txt", "CMakePresets.json"):
        shutil.copy(ROOT / name, root / name)
    (root / "baselines").mkdir()
    for name in ("CMakeLists.txt", "cuda_memcpy.cpp"):  # the one baseline that needs no library
        shutil.copy(ROOT / "baselines" / name, root / "baselines")
    (root / "chapters" / CHAPTER).mkdir(parents=True)
    for path in (ROOT / "chapters" / CHAPTER).iterdir():
        if path.stem == "problem" or path.suffix == ".hpp" or path.name.startswith("00_"):
            shutil.copy(path, root / "chapters" / CHAPTER)
    quick = ("-DBUILD_TESTING=OFF", "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0")
    make(root, "cmake", "--preset", "dev", *quick, *build._definitions("dev"))
    return root


def make(root: Path, *command: str) -> str:
    # Paths as every copy of the tree has them: from the second run on, ccache has the objects.
    environment = os.environ | {"CCACHE_BASEDIR": str(root), "CCACHE_NOHASHDIR": "true"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def compile_program(root: Path) -> Path:
    make(root, "cmake", "--build", "build/dev", "--target", "warpladder", "-j", str(os.cpu_count() or 2))
    return root / "build/dev/bench/warpladder"


def ids(program: Path) -> set[str]:
    return {e["id"] for e in json.loads(make(program.parent, str(program), "list"))["entries"]}


@pytest.mark.slow
def test_one_file_makes_a_rung(tree):
    before = ids(compile_program(tree))
    path, text = example()
    (tree / path).write_text(text)

    program = compile_program(tree)
    name = f"{CHAPTER}/{Path(path).stem}"
    assert ids(program) - before == {name}

    events = [json.loads(s) for s in make(tree, str(program), "verify", name).splitlines()]
    cases = [e for e in events if e["event"] == "case"]
    assert cases and all(c["status"] == "pass" for c in cases)

    make(tree, str(program), "count", name, "--out", str(tree / "counts.json"))
    rows = [r for r in json.loads((tree / "counts.json").read_text())["rows"] if r["id"] == name]
    assert rows and all(r["status"] == "ok" and r["counts"]["global_load_sectors_per_request"] == 4 for r in rows)
