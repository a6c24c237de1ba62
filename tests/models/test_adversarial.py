"""The game of generator and discriminator: its pieces, its losses, and what it learns."""

import numpy as np
import pytest

from medlearn import models


@pytest.fixture
def game(keras):
    keras.utils.set_random_seed(0)
    return models.adversarial_network(
        models.picture_generator(8, (16, 8)), models.picture_discriminator((8, 16))
    )


def _discs(count, seed):
    """Pictures of a bright disc at a random place on a dark ground."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:28, :28]
    centres = rng.uniform(9, 19, (count, 2))
    distance = np.hypot(
        rows - centres[:, :1, np.newaxis], columns - centres[:, 1:, np.newaxis]
    )
    return (1 / (1 + np.exp(distance - 6)))[..., np.newaxis].astype("float32")


def test_builders_say_their_sizes(keras):
    generator, discriminator = models.picture_generator(), models.picture_discriminator()
    assert generator.count_params() == 64_961
    assert discriminator.count_params() == 10_065
    for model, fixed in ((generator, 3_168), (discriminator, 48)):
        assert sum(int(np.prod(w.shape)) for w in model.non_trainable_variables) == fixed
        count, documented = f"{model.count_params():,} weights", f"{fixed:,} of them"
        builder = getattr(models, f"picture_{model.name}").__doc__
        assert count in builder and documented in builder


def test_pictures_lie_between_0_and_1(game):
    drawn = models.draw_pictures(game.generator, 5, seed=0)
    assert drawn.shape == (5, 28, 28, 1) and drawn.min() >= 0 and drawn.max() <= 1


def test_the_same_seed_draws_the_same_whatever_the_batch(game):
    first = models.draw_pictures(game.generator, 7, seed=3)
    again = models.draw_pictures(game.generator, 7, seed=3, batch_size=2)
    np.testing.assert_allclose(first, again, atol=1e-6)
    assert not np.allclose(first, models.draw_pictures(game.generator, 7, seed=4))


def test_spectral_norms_stay_at_one(keras, game):
    game.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3))
    game.fit(_discs(256, 0), batch_size=32, epochs=3, verbose=0)
    game.discriminator(_discs(8, 1), training=True)  # divides once more after the last step
    for layer in game.discriminator.layers:
        if isinstance(layer, keras.layers.SpectralNormalization):
            kernel = layer.layer.kernel.numpy()
            matrix = kernel.reshape(-1, kernel.shape[-1])
            assert np.linalg.norm(matrix, 2) == pytest.approx(1, abs=0.1)


def test_losses_of_a_discriminator_that_knows_nothing(keras, game):
    """With all its weights 0 it says 1/2: its loss is 2 log 2, the generator's log 2."""
    game.discriminator.set_weights([0 * w for w in game.discriminator.get_weights()])
    game.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
    logs = game.train_on_batch(_discs(16, 0), return_dict=True)
    assert logs["discriminator_loss"] == pytest.approx(2 * np.log(2), rel=1e-5)
    assert logs["generator_loss"] == pytest.approx(np.log(2), rel=1e-5)
    assert logs["real"] == pytest.approx(0.5) and logs["fake"] == pytest.approx(0.5)


@pytest.mark.parametrize("saturating", [False, True])
def test_each_player_moves_in_its_own_favour(keras, saturating):
    """With the other held still, a small step lowers what the moving player minimises."""
    keras.utils.set_random_seed(1)
    game = models.adversarial_network(
        models.picture_generator(8, (16, 8)), models.picture_discriminator((8, 16)), saturating
    )
    real = _discs(64, 0)
    for moving in ("generator_loss", "discriminator_loss"):
        rates = (0.05, 0.0) if moving == "generator_loss" else (0.0, 0.05)
        game.compile(*(keras.optimizers.SGD(rate) for rate in rates))
        first = game.train_on_batch(real, return_dict=True)[moving]
        for _ in range(15):
            game.reset_metrics()
            last = game.train_on_batch(real, return_dict=True)[moving]
        assert last < first


def test_the_generators_step_leaves_the_discriminator_alone(keras, game):
    game.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.0))
    game.train_on_batch(_discs(16, 0))
    before = [w.numpy() for w in game.generator.trainable_variables]
    kept = [w.numpy() for w in game.discriminator.trainable_variables[-2:]]  # the dense layer
    game.train_on_batch(_discs(16, 1))
    assert not all(
        np.array_equal(a, b.numpy())
        for a, b in zip(before, game.generator.trainable_variables, strict=True)
    )
    for a, b in zip(kept, game.discriminator.trainable_variables[-2:], strict=True):
        np.testing.assert_array_equal(a, b.numpy())


def test_it_learns_to_draw_discs(keras, game):
    real = _discs(1024, 0)
    start = models.draw_pictures(game.generator, 256, seed=0)
    history = models.train_adversarial(game, real, epochs=12, batch_size=16)
    drawn = models.draw_pictures(game.generator, 256, seed=0)

    def off(pictures):
        return np.abs(pictures.mean(axis=0) - real.mean(axis=0)).mean()

    assert off(drawn) < 0.5 * off(start)
    assert drawn.std(axis=0).mean() > 0.3 * real.std(axis=0).mean()  # they are not all one
    assert sorted(history) == ["discriminator_loss", "fake", "generator_loss", "real"]
    assert all(len(values) == 12 for values in history.values())


def test_it_ends_with_the_average_of_the_weights(keras, game):
    """One that forgets next to nothing stays where the first of 16 steps has led."""
    start = [w.numpy() for w in game.generator.trainable_variables]
    models.train_adversarial(game, _discs(128, 0), epochs=1, batch_size=8, average=0.9999)
    moved = [
        np.abs(a - b.numpy()).max()
        for a, b in zip(start, game.generator.trainable_variables, strict=True)
    ]
    assert 0 < max(moved) < 1.2 * 1e-3  # Adam's first step is as long as its rate


def _spread_and_its_memory(game):
    """What the first batch normalisation should remember of the kept weights, and what it does.

    It follows a dense layer without bias that is fed noise of variance 1: the variance of each of
    its numbers is the sum of the squared weights that lead there, whatever the condition is.
    """
    dense, normalised = (
        next(layer for layer in game.generator.layers if name in type(layer).__name__)
        for name in ("Dense", "BatchNormalization")
    )
    return (dense.kernel.numpy() ** 2).sum(axis=0), normalised.moving_variance.numpy()


def test_batch_normalisation_belongs_to_the_averaged_weights(game):
    """The average stays near the start, the last weights run away: their memory must not stay."""
    start, _ = _spread_and_its_memory(game)
    before = []  # what the last weights had left there, after each epoch
    models.train_adversarial(
        game, _discs(256, 0), epochs=2, batch_size=8, average=0.9999, generator_rate=0.01,
        on_epoch=lambda *_: before.append(_spread_and_its_memory(game)[1].mean()),
    )
    right, remembered = _spread_and_its_memory(game)
    assert right.mean() == pytest.approx(start.mean(), rel=0.1)
    assert before[-1] > 1.5 * right.mean()
    # The variance within a batch of 8 is an eighth too small.
    assert remembered.mean() == pytest.approx(7 / 8 * right.mean(), rel=0.15)


def test_a_condition_goes_to_both_players(keras):
    layers = keras.layers
    z, y = keras.Input((4,)), keras.Input((1,))
    drawn = layers.Dense(3)(layers.Concatenate()([z, y]))
    x, label = keras.Input((3,)), keras.Input((1,))
    said = layers.Dense(1)(layers.Concatenate()([x, label]))
    game = models.adversarial_network(keras.Model([z, y], drawn), keras.Model([x, label], said))
    rng = np.random.default_rng(0)
    data = rng.normal(size=(32, 3)).astype("float32"), rng.integers(0, 2, (32, 1)).astype("float32")
    history = models.train_adversarial(game, data, epochs=2, batch_size=8)
    assert np.isfinite(history["generator_loss"]).all()
    assert models.draw_pictures(game.generator, 5, 0, np.ones((5, 1), "float32")).shape == (5, 3)


def test_progress_is_called_every_epoch(game):
    seen = []
    models.train_adversarial(
        game, _discs(64, 0), epochs=2, on_epoch=lambda epoch, logs: seen.append(epoch)
    )
    assert seen == [0, 1]


def test_players_that_do_not_fit_are_refused(keras):
    generator = models.picture_generator()
    wide = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(),
                             keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"gives \(28, 28, 1\).*takes \(32, 32, 3\)"):
        models.adversarial_network(generator, wide)
    for last in ("sigmoid", "tanh"):
        with_activation = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(),
                                            keras.layers.Dense(1, activation=last)])
        with pytest.raises(ValueError, match=f"ends in {last}"):
            models.adversarial_network(generator, with_activation)


@pytest.mark.parametrize(
    "wrong, message", [({"epochs": 0}, "epochs is 0"), ({"average": 1.0}, "average is 1.0")]
)
def test_training_refuses(game, wrong, message):
    with pytest.raises(ValueError, match=message):
        models.train_adversarial(game, _discs(8, 0), **{"epochs": 1, **wrong})


def test_drawing_nothing_is_refused(game):
    with pytest.raises(ValueError, match="count is 0"):
        models.draw_pictures(game.generator, 0, seed=0)
