"""The recipe for the breast pictures: chosen by its rule, on parts that share no lesion."""

import json

import numpy as np
import pytest

from benchmarks import image_diagnosis, image_recipes
from medlearn import tables


@pytest.fixture(scope="module")
def table():
    return tables.load_table("image_recipes", "real")


def test_table_is_complete_and_has_the_settings_of_the_command(table):
    settings = image_recipes.SETTINGS
    assert table["settings"] == settings
    assert table["command"].endswith("benchmarks.image_recipes --data real")
    runs = [(run["recipe"], run["repeat"], run["fold"]) for run in table["runs"]]
    assert len(runs) == len(set(runs))
    assert set(runs) == {(recipe, repeat, fold) for recipe in settings["recipes"]
                         for repeat in range(settings["repeats"])
                         for fold in range(settings["folds"])}
    for run in table["runs"]:
        assert set(run["versions"]) == {"tensorflow", "keras", "numpy"} and run["date"]
        assert [(r["kept"], r["mirrored"]) for r in run["readings"]] == image_recipes.READINGS


def test_main_network_of_the_breasts_is_the_one_that_the_rule_chooses(table):
    main = image_diagnosis.SETTINGS["breast_ultrasound"]
    (kept, mirrored), recipe = image_recipes.choose(table["runs"])
    assert kept == "best", "train_classifier keeps the best epoch"
    assert mirrored == main["mirrored"]
    chosen = image_recipes.SETTINGS["recipes"][recipe]
    assert chosen == {key: main[key] for key in ("network", "epochs", "augmentation")}
    for key in ("batch_size", "learning_rate"):
        assert image_recipes.SETTINGS[key] == main[key]


def reading(kept, loss, auc):
    return {"kept": kept, "mirrored": False, "loss": loss, "auc": auc}


def test_rule_takes_the_reading_first_then_the_recipe_then_the_auc():
    runs = [
        {"recipe": "a", "readings": [reading("best", 0.5, 0.8), reading("last", 0.3, 0.9)]},
        {"recipe": "b", "readings": [reading("best", 0.4, 0.8), reading("last", 0.9, 0.9)]},
    ]
    assert image_recipes.choose(runs) == (("best", False), "b")
    runs[0]["readings"][0] = reading("best", 0.4002, 0.9)
    assert image_recipes.choose(runs) == (("best", False), "a")


def test_pictures_that_are_alike_are_one_group_also_through_a_third():
    rng = np.random.default_rng(0)
    first, other = rng.normal(size=(2, 400))
    step = rng.normal(size=400)
    chain = [first, first + 0.15 * step, first + 0.3 * step]
    r = np.corrcoef(chain)
    assert r[0, 1] > 0.98 and r[1, 2] > 0.98 > r[0, 2]
    groups = image_recipes.twin_groups(np.array([*chain, other]).reshape(4, 20, 20, 1), 0.98)
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_folds_share_no_group_and_hold_every_picture_out_once():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(200), rng.integers(1, 5, 200))
    y = (rng.random(len(groups)) < 0.3).astype(int)
    held = {}
    for repeat, _, *parts in image_recipes.folds(y, groups):
        assert sorted(np.concatenate(parts)) == list(range(len(y)))
        sets = [set(groups[part]) for part in parts]
        assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
        assert all(0.15 < y[part].mean() < 0.45 for part in parts)
        held.setdefault(repeat, []).extend(parts[2])
    assert len(held) == image_recipes.SETTINGS["repeats"]
    assert all(sorted(each) == list(range(len(y))) for each in held.values())


def test_a_broken_off_table_goes_on_where_it_was(tmp_path, monkeypatch):
    path, runs = tmp_path / "table.json", []

    def break_off_at_the_third(keras, recipe, parts, seed):
        runs.append(seed)
        if len(runs) == 3:
            raise KeyboardInterrupt
        return [{"kept": "best", "mirrored": False, "loss": 0.5, "auc": 0.8}]

    monkeypatch.setattr(image_recipes, "table_path", lambda name, source: path)
    monkeypatch.setattr(image_recipes, "run_once", break_off_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        image_recipes.make_table(None, "standin")
    assert len(json.loads(path.read_text(encoding="utf-8"))["runs"]) == 2
    image_recipes.make_table(None, "standin")
    stored = json.loads(path.read_text(encoding="utf-8"))["runs"]
    assert len(stored) == len({(run["recipe"], run["repeat"], run["fold"]) for run in stored}) == 30
    assert len(runs) == 31  # the one that broke off was made again
