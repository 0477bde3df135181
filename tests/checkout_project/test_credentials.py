"""The demo password: given, or made once and kept private."""

from __future__ import annotations

import stat

from demo import credentials


def test_a_given_password_is_used(settings):
    settings.DEMO_PASSWORD = "chosen"
    assert credentials.password() == "chosen"


def test_otherwise_one_is_made_and_stays_the_same(settings, tmp_path):
    settings.DEMO_PASSWORD, settings.DATA_DIR = "", tmp_path
    first = credentials.password()
    assert len(first) >= 12
    assert credentials.password() == first
    assert stat.S_IMODE((tmp_path / "demo_password").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["demo_password"]
