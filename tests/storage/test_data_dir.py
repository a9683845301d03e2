"""DATA_DIR, where it may be, and its key: it is trusted only where nobody else can have put something into it."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support import run

from service.problems import InvalidSetting
from service.settings.settings import Settings
from service.storage.data_dir import kept_secret_key, prepare

SOMEBODY = 12345

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.mark.parametrize("mode", [0o1777, 0o702])
def test_a_folder_that_everybody_may_write_to_is_refused(data_dir: Path, mode: int) -> None:
    data_dir.chmod(mode)
    named = rf"^DATA_DIR: {data_dir} \(mode {mode:04o}, owner \w+\) may be written to by every user; .*`chmod 700 "
    with pytest.raises(InvalidSetting, match=named):
        prepare(data_dir)
    done = run("votes", "tally", DATA_DIR=str(data_dir))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert re.match(named, done.stderr)


def test_a_folder_that_its_group_may_write_to_is_warned_of(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    prepare(data_dir)
    assert caplog.messages == []
    data_dir.chmod(0o2775)
    prepare(data_dir)
    [message] = caplog.messages
    assert message.startswith(f"DATA_DIR {data_dir} (mode 2775, owner ")
    assert message.endswith(f"may be written to by its group; if others are in it, `chmod g-w {data_dir}`")


@needs_root
def test_a_folder_or_key_of_another_user_is_refused(data_dir: Path) -> None:
    kept_secret_key(data_dir)
    path = data_dir / "secret_key"
    os.chown(path, SOMEBODY, -1)
    with pytest.raises(InvalidSetting, match=rf"^DATA_DIR: {path} \(mode 0600, owner {SOMEBODY}\) belongs to another"):
        kept_secret_key(data_dir)
    os.chown(data_dir, SOMEBODY, -1)
    named = rf"^DATA_DIR: {data_dir} \(mode 0700, owner {SOMEBODY}\) belongs to another user; .*`chown root {data_dir}`"
    with pytest.raises(InvalidSetting, match=named):
        prepare(data_dir)


#: Where somebody may put another folder into the place of DATA_DIR: its path, and the folder that is open to all.
PLACES = {
    "the parent": ("upper/lower/var", "upper/lower"),
    "its parent": ("upper/lower/var", "upper"),
    "where a link stands": ("upper/link", "upper"),
    "where a link leads": ("upper/link", "other"),
    "where a link to a link leads": ("upper/first", "between"),
    "where a link in the middle leads": ("upper/first/var/../var", "between"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_parent_in_which_everybody_may_put_another_folder_is_refused(short_dir: Path, place: str) -> None:
    upper, other, between = short_dir / "upper", short_dir / "other", short_dir / "between"
    (upper / "lower").mkdir(parents=True)
    (other / "real" / "var").mkdir(parents=True, mode=0o700)
    between.mkdir()
    (upper / "link").symlink_to(other / "real")
    (upper / "first").symlink_to("../between/second")
    (between / "second").symlink_to(other / "real")
    path, open_to_all = (short_dir / each for each in PLACES[place])
    prepare(path)
    open_to_all.chmod(0o777)
    named = rf"^DATA_DIR: {open_to_all} \(mode 0777, owner \w+\) .*{path}; `chmod o-w {open_to_all}`$"
    with pytest.raises(InvalidSetting, match=named):
        prepare(path)
    open_to_all.chmod(0o1777)  # as /tmp is: nobody may replace what is another's
    prepare(path)


@needs_root
@pytest.mark.parametrize("place", ["parent", "link"])
def test_a_parent_of_another_user_is_warned_of(short_dir: Path, caplog: pytest.LogCaptureFixture, place: str) -> None:
    (short_dir / "parent").mkdir()
    (short_dir / "link").symlink_to("parent")
    os.chown(short_dir / place, SOMEBODY, -1, follow_symlinks=False)
    path = short_dir / "link" / "var"
    prepare(path)
    [message] = caplog.messages
    assert message.startswith(f"{short_dir / place} (mode ")
    assert f"owner {SOMEBODY}) lets its owner put another folder into the place of DATA_DIR {path}; " in message
    assert f"`chown -h root {short_dir / place}`" in message


def test_a_key_that_others_may_know_is_refused(data_dir: Path) -> None:
    kept_secret_key(data_dir)
    path = data_dir / "secret_key"
    for mode in (0o640, 0o602, 0o700, 0o4600):
        path.chmod(mode)
        said = rf"^DATA_DIR: {path} \(mode {mode:04o}, owner \w+\) .*`chmod 600 {path}`"
        with pytest.raises(InvalidSetting, match=said):
            kept_secret_key(data_dir)


@pytest.mark.parametrize("plant", [lambda path: path.symlink_to("planted"), os.mkfifo, os.mkdir])
def test_a_key_that_is_no_file_is_refused_at_once(data_dir: Path, plant: Callable[[Path], None]) -> None:
    (data_dir / "planted").write_text("0" * 64)
    (data_dir / "planted").chmod(0o600)
    plant(data_dir / "secret_key")
    with pytest.raises(InvalidSetting, match=r"^SECRET_KEY: .*/secret_key cannot be read"):
        kept_secret_key(data_dir)


def test_the_secret_key_is_made_once_and_a_short_one_is_refused_as_the_setting_is(data_dir: Path) -> None:
    path = data_dir / "secret_key"
    with (data_dir / "secret_key.new").open("w+") as left:  # of somebody whom the folder's group lets write there
        made = kept_secret_key(data_dir)
        assert (len(made), left.read()) == (64, "")
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o400, 0o600):
        path.chmod(mode)
        assert kept_secret_key(data_dir) == made
    path.write_text("abc\n")
    with pytest.raises(InvalidSetting) as refused:
        kept_secret_key(data_dir)
    with pytest.raises(InvalidSetting) as setting:
        Settings.from_env({"SECRET_KEY": "abc"})
    said = str(setting.value).replace("SECRET_KEY:", f"SECRET_KEY: {path}")
    assert str(refused.value) == f"{said}, or remove it to have a new key made"
    path.write_text("0123456789abcdef\n")
    assert kept_secret_key(data_dir) == "0123456789abcdef"


def test_a_folder_too_deep_for_a_socket_and_a_file_in_its_place_are_refused(short_dir: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"^DATA_DIR: .* too long for a Unix socket"):
        prepare(short_dir / ("d" * 120))
    (short_dir / "file").touch()
    for path in (short_dir / "file", short_dir / "file" / "var"):
        with pytest.raises(InvalidSetting, match=r"^DATA_DIR: .* cannot be made: (File exists|Not a directory)$"):
            prepare(path)
