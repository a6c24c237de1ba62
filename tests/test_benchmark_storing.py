"""What the commands behind the stored tables share."""

import json

import pytest

from benchmarks import storing

TABLE = {"command": "c", "settings": {"epochs": 2}, "runs": [{"seed": 0, "auc": 0.5}, {"seed": 1}]}


def test_table_has_a_line_for_each_run_and_reads_back():
    text = storing.as_text(TABLE)
    assert json.loads(text) == TABLE
    assert text.splitlines()[-4:] == ['  {"seed": 0, "auc": 0.5},', '  {"seed": 1}', " ]", "}"]


@pytest.mark.parametrize("where", ["runs", "settings"])
def test_figure_that_is_no_number_is_refused(where):
    broken = {**TABLE, where: [{"auc": float("nan")}]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        storing.as_text(broken)


def test_runs_of_the_same_settings_are_kept_and_others_dropped(tmp_path):
    path = tmp_path / "table.json"
    assert storing.stored_runs(path, TABLE["settings"]) == []
    path.write_text(storing.as_text(TABLE), encoding="utf-8")
    assert storing.stored_runs(path, TABLE["settings"]) == TABLE["runs"]
    assert storing.stored_runs(path, {"epochs": 3}) == []
