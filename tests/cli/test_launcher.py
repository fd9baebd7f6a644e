"""./ladder before its set-up: what a bare machine answers. System tools are stood in for; nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.paths import ROOT


@pytest.fixture
def bare(tmp_path):
    """A clone without .venv, on a machine that has no package installed and whose user is nobody special."""
    clone, tools = tmp_path / "clone", tmp_path / "tools"
    (clone / "cli").mkdir(parents=True)
    tools.mkdir()
    shutil.copy(ROOT / "ladder", clone)
    for name in ("packages.txt", "requirements.txt", "cuda.txt"):
        shutil.copy(ROOT / "cli" / name, clone / "cli")
    stand_in(tools, "dpkg-query", "exit 1")
    stand_in(tools, "sudo", "exit 1")
    stand_in(tools, "id", "echo 1000")
    return clone, tools


def stand_in(tools: Path, name: str, script: str) -> None:
    (tools / name).write_text(f"#!/bin/sh\n{script}\n")
    (tools / name).chmod(0o755)


def call(clone: Path, tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [clone / "ladder", *arguments], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_without_the_right_to_install_it_prints_the_line_to_run(bare):
    done = call(*bare, "run")
    complaints = [s for s in done.stderr.splitlines() if s.startswith("ladder: ")]
    assert done.returncode == 2
    assert len(complaints) == 1
    listed = [s.split("#")[0].split() for s in (ROOT / "cli" / "packages.txt").read_text().splitlines()]
    packages = [words[0] for words in listed if words]
    assert f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}" in complaints[0]


@pytest.mark.parametrize(("verb", "status"), [("doctor", 1), ("--help", 0)])
def test_before_the_set_up_it_says_what_is_missing_and_changes_nothing(bare, verb, status):
    done = call(*bare, verb)
    assert done.returncode == status
    assert "Missing system packages: python3" in done.stderr and "apt-get install" in done.stderr
    assert not (bare[0] / ".venv").exists() and not (bare[0] / "build").exists()


def test_a_failed_installation_shows_why(bare):
    clone, tools = bare
    stand_in(tools, "id", "echo 0")
    stand_in(tools, "apt-get", "echo 'E: You do not have enough free space'; exit 100")
    done = call(clone, tools, "list")
    assert done.returncode == 2
    assert "enough free space" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("ladder: listing system packages failed")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Temporary failure resolving 'mirror.example'", "the network cannot be reached from here"),
        ("Failed to establish a new connection: [Errno -3]", "the network cannot be reached from here"),
        ("Could not install packages: [Errno 28] No space left on device", "the disk is full"),
    ],
)
def test_no_network_and_a_full_disk_are_told_in_a_line(bare, said, words):
    clone, tools = bare
    stand_in(tools, "id", "echo 0")
    stand_in(tools, "apt-get", f'echo "E: {said}"; exit 100')
    done = call(clone, tools, "list")
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1] and "E: " not in done.stderr


def test_a_python_that_is_too_old_is_named(bare):
    clone, tools = bare
    stand_in(tools, "dpkg-query", "printf installed")
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        stand_in(tools, name, "exit 1")
    text = (clone / "ladder").read_text()
    (clone / "ladder").write_text(text.replace(" /usr/bin/python3 ", " "))  # this machine's own is fine
    done = call(clone, tools, "list")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("ladder: Python 3.11 or later")


def test_the_tab_key_installs_nothing(bare):
    clone, tools = bare
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "_LADDER_COMPLETE": "complete_bash"}
    done = subprocess.run([clone / "ladder"], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_locked_lists_name_no_index():
    for name in ("requirements.txt", "cuda.txt"):
        text = (ROOT / "cli" / name).read_text()
        assert "--hash=sha256:" in text
        assert "index-url" not in text and "://" not in text and "find-links" not in text
