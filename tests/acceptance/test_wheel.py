"""The built wheel, installed outside the checkout, is the whole of imagedb."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as `make wheel` does, without asking any index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("imagedb-*.whl"))


def test_wheel_holds_migrations_and_nothing_of_the_checkout(wheel: Path) -> None:
    """The migrations lie in the package; tests, tools and the demo stay behind."""
    names = zipfile.ZipFile(wheel).namelist()

    assert "imagedb/_migrations/env.py" in names
    assert "imagedb/_migrations/versions/0001_stores.py" in names
    assert "imagedb/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"imagedb"}


def test_wheel_makes_a_database_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """The installed package finds its own migrations and works."""
    site, home = tmp_path / "site", tmp_path / "home"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([sys.executable, *install, str(wheel)], check=True, capture_output=True)
    home.mkdir()
    settings = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(site)}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=home, env=settings
        )
        return done.stdout.strip()

    where = run("-c", "import imagedb; print(imagedb.__file__)")
    listed = run("-m", "imagedb", "image", "ls")
    checked = run("-m", "imagedb", "db", "check")

    assert Path(where).is_relative_to(site)
    assert listed.startswith("REPOSITORY")
    assert checked
    assert (home / ".local/share/imagedb/imagedb.db").exists()
