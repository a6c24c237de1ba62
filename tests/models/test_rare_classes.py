"""A disease made rare, and what is done about it."""

import numpy as np
import pytest

from medlearn import models


def test_thinning_keeps_the_well_and_the_ratio():
    y = np.array([0] * 61 + [1] * 50)
    well, ill, left_out = models.thin_diseased(y, 20, seed=0)
    assert np.array_equal(well, np.arange(61))
    assert len(ill) == 3 and len(left_out) == 47
    assert np.array_equal(np.sort(np.r_[well, ill, left_out]), np.arange(111))


def test_thinning_follows_its_seed():
    y = np.array([0] * 200 + [1] * 200)
    draws = [tuple(models.thin_diseased(y, 20, seed)[1]) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_thinning_that_would_keep_nobody_or_too_many_is_refused():
    with pytest.raises(ValueError, match="another ratio"):
        models.thin_diseased([0] * 5 + [1] * 5, 20, seed=0)
    with pytest.raises(ValueError, match="more cases"):
        models.thin_diseased([0] * 50 + [1] * 2, 10, seed=0)


def test_mixtures_lie_between_two_near_pictures():
    x = np.array([[0.0, 0], [1, 0], [100, 0], [100, 1]])
    new = models.between_neighbours(x, 200, seed=0, neighbours=1)
    left, right = new[:, 0] <= 1, new[:, 0] == 100
    assert np.all(left | right) and left.any() and right.any()
    assert np.all(new[left, 1] == 0)
    assert np.all((new[right, 1] >= 0) & (new[right, 1] <= 1)) and np.ptp(new[right, 1]) > 0.5


def test_mixtures_of_pictures_keep_their_shape_and_range():
    x = np.random.default_rng(0).random((6, 28, 28, 1)).astype("float32")
    new = models.between_neighbours(x, 9, seed=1)
    assert new.shape == (9, 28, 28, 1) and new.dtype == np.float32
    assert new.min() >= x.min() and new.max() <= x.max()


def test_one_picture_has_no_neighbour():
    with pytest.raises(ValueError, match="at least two"):
        models.between_neighbours(np.zeros((1, 4)), 3, seed=0)


def test_a_task_is_learned_in_some_steps(keras, bars):
    train, _, test = bars
    keras.utils.set_random_seed(0)
    model = models.rare_class_network(filters=(8, 16, 16))
    models.train_for_steps(model, train.x, train.y, steps=120, batch_size=32)
    assert np.mean((models.logits(model, test.x) > 0) == test.y) > 0.9


def test_as_many_steps_are_made_as_were_asked_for(keras, bars):
    model = models.rare_class_network(filters=(4, 4, 4))
    models.train_for_steps(model, bars[0].x[:50], bars[0].y[:50], steps=7, batch_size=32)
    assert int(model.optimizer.iterations) == 7
    with pytest.raises(ValueError, match="give 1 or more"):
        models.train_for_steps(model, bars[0].x, bars[0].y, steps=0)


def test_weights_shift_the_balance(keras, bars):
    """Where the upright count ten times, more pictures are called upright."""
    called = []
    for heavy in (1, 10):
        keras.utils.set_random_seed(0)
        model = models.rare_class_network(filters=(4, 4, 4))
        x, y = bars[0].x, bars[0].y
        models.train_for_steps(model, x, y, 15, weights=np.where(y == 1, heavy, 1), batch_size=32)
        called.append(models.logits(model, bars[2].x).mean())
    assert called[1] > called[0]
