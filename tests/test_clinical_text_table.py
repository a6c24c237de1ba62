"""The stored tables of chapter 32 belong to the lesson and to the command."""


import numpy as np
import pytest

from benchmarks import clinical_text
from medlearn import data, tables

from .lessons import settings_of

every_source = pytest.mark.parametrize("source", ("real", "standin"))


@every_source
def test_table_has_the_settings_of_the_lesson_and_of_the_command(source):
    table = tables.load_table("clinical_text", source)
    assert settings_of("32") == clinical_text.SETTINGS
    assert table["settings"] == clinical_text.SETTINGS[source]
    assert table["source"] == source
    assert table["command"].endswith(f"benchmarks.clinical_text --data {source}")
    assert set(table["versions"]) == {"tensorflow", "keras", "numpy", "scikit-learn"}


@every_source
def test_table_is_complete_and_its_headline_has_ten_seeds(source):
    runs = tables.load_table("clinical_text", source)["runs"]
    everything = max(run["texts"] for run in runs)
    wanted = {(variant, size or everything, seed)
              for variant, size, seed in clinical_text.jobs(source)}
    assert {(run["variant"], run["texts"], run["seed"]) for run in runs} == wanted
    assert len(runs) == len(wanted)
    main = [run for run in runs if (run["variant"], run["texts"]) == ("attention", everything)]
    assert len(main) >= 10
    assert sum("attention_tests" in run for run in main) >= 5


def test_figures_follow_from_the_stored_answers():
    test = data.load("medical_abstracts", source="standin", show_card=False).test
    for run in tables.load_table("clinical_text", "standin")["runs"]:
        if "test_called" in run:
            called = np.array(run["test_called"])
            assert clinical_text.measure(test.y, called) == run["test"]


def test_parts_of_the_training_texts_are_nested_and_drawn_by_seed():
    train = data.load("medical_abstracts", source="standin", show_card=False).train
    small, large = (clinical_text.part_of_training(train, size, 0) for size in (50, 100))
    assert large.x[:50].tolist() == small.x.tolist()
    assert clinical_text.part_of_training(train, 50, 1).x.tolist() != small.x.tolist()
    assert clinical_text.part_of_training(train, None, 0) is train


def test_class_weights_make_every_class_count_alike():
    y = np.array([0] * 6 + [1] * 3 + [2])
    weight = clinical_text.class_weight(y)
    assert [weight[c] * np.sum(y == c) for c in range(3)] == pytest.approx([10 / 3] * 3)


def test_a_part_of_the_texts_gets_about_as_many_steps_as_the_whole():
    for settings in clinical_text.SETTINGS.values():
        whole = settings["epochs"] * 1731 / settings["batch_size"]
        for texts in (216, 433, 866, 1731):
            fewer = clinical_text.smaller_batches(settings, texts, 1731)
            assert fewer["epochs"] * texts / fewer["batch_size"] == pytest.approx(whole, rel=0.1)
        assert clinical_text.smaller_batches(settings, 1731, 1731) == {
            "batch_size": settings["batch_size"], "epochs": settings["epochs"]}
