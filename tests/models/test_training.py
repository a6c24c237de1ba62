"""Training keeps the best epoch, is repeatable, and learns."""

import numpy as np
import pytest

from medlearn import metrics, models


@pytest.fixture(scope="module")
def trained(keras, bars):
    train, validation, _ = bars
    keras.utils.set_random_seed(3)
    model, seen = models.resnet_like(filters=(4, 8, 8)), []
    history = models.train_classifier(
        model, train, validation, epochs=6, learning_rate=0.01, batch_size=32,
        on_epoch=lambda epoch, logs: seen.append((epoch, logs["loss"])),
    )
    return model, history, seen


def test_it_learns(trained, bars):
    test = bars[2]
    assert metrics.roc_auc(test.y, models.logits(trained[0], test.x)) > 0.95


def test_weights_are_those_of_the_best_epoch(trained, bars):
    model, history, seen = trained
    validation = bars[1]
    z = models.logits(model, validation.x)
    loss = np.mean(np.logaddexp(0, z) - validation.y * z)
    assert len(history["val_loss"]) == 6
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-3)
    assert seen == list(enumerate(history["loss"]))


def test_same_seed_same_weights(keras, bars):
    def weights():
        keras.utils.set_random_seed(5)
        model = models.vgg_like(filters=(4,), augment=models.augmentation(shift=0.1))
        models.train_classifier(model, *bars[:2], epochs=1)
        return model.get_weights()

    for one, other in zip(weights(), weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_logits_do_not_depend_on_the_batch(trained, bars):
    model, x = trained[0], bars[2].x
    z = models.logits(model, x)
    assert z.shape == (len(x),) and z.dtype == float
    np.testing.assert_allclose(z, models.logits(model, x, batch_size=7), atol=1e-4)


def test_mirrored_logits_are_the_mean_of_both_and_do_not_tell_left_from_right(trained, bars):
    model, x = trained[0], bars[2].x[:20]
    z = models.logits(model, x, mirrored=True)
    turned = np.ascontiguousarray(x[:, :, ::-1])
    both = models.logits(model, x), models.logits(model, turned)
    assert np.abs(both[0] - both[1]).max() > 0.01
    np.testing.assert_allclose(z, np.mean(both, axis=0), atol=1e-6)
    np.testing.assert_allclose(z, models.logits(model, turned, mirrored=True), atol=1e-6)
    with pytest.raises(ValueError, match="to mirror, give pictures"):
        models.logits(model, x[0], mirrored=True)


def test_several_classes_give_one_logit_each(keras, bars):
    train, validation, test = bars
    keras.utils.set_random_seed(3)
    last = keras.layers.Dense(2)
    single = models.vgg_like(filters=(8, 8))
    model = keras.Model(single.input, last(single.layers[-2].output))
    history = models.train_classifier(model, train, validation, epochs=6, learning_rate=0.01)
    z = models.logits(model, test.x)
    assert z.shape == (len(test.y), 2)
    assert metrics.roc_auc(test.y, z[:, 1] - z[:, 0]) > 0.95
    z = models.logits(model, validation.x)
    loss = np.mean(np.logaddexp(*z.T) - z[np.arange(len(z)), validation.y])
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-3)


def test_class_weight_weighs_the_training_part_alone(keras, bars):
    def losses(weight):
        keras.utils.set_random_seed(3)
        model = models.vgg_like(filters=(4,))
        return models.train_classifier(model, *bars[:2], epochs=2, class_weight=weight)

    # Adam takes the same steps whatever constant the loss is multiplied by.
    plain, doubled = losses(None), losses({0: 2, 1: 2})
    np.testing.assert_allclose(doubled["loss"], 2 * np.array(plain["loss"]), rtol=0.01)
    np.testing.assert_allclose(doubled["val_loss"], plain["val_loss"], rtol=0.01)
    assert losses({0: 1, 1: 0})["loss"][0] < 0.8 * plain["loss"][0]


def test_what_cannot_be_trained_is_refused(keras, bars):
    train, validation, _ = bars
    with pytest.raises(ValueError, match="ends in softmax: end it with a Dense layer without"):
        models.train_classifier(models.d0_network(), train, validation, epochs=1)
    with pytest.raises(ValueError, match="epochs is 0"):
        models.train_classifier(models.vgg_like(filters=(4,)), train, validation, epochs=0)
    shifted = train._replace(y=train.y + 1)
    with pytest.raises(ValueError, match="go from 1 to 2, the network tells 0 to 1"):
        models.train_classifier(models.vgg_like(filters=(4,)), shifted, validation, epochs=1)
