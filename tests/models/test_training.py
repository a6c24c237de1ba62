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


def test_network_with_several_outputs_or_no_epoch_is_refused(keras, bars):
    with pytest.raises(ValueError, match="gives 2 numbers a picture"):
        models.train_classifier(models.d0_network(), *bars[:2], epochs=1)
    with pytest.raises(ValueError, match="epochs is 0"):
        models.train_classifier(models.vgg_like(filters=(4,)), *bars[:2], epochs=0)
