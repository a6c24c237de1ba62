"""Words to numbers, masks that hold, and attention that is what its formula says."""

import numpy as np
import pytest

from medlearn import models
from medlearn.models.text import PADDING, UNKNOWN, Vocabulary

TEXTS = ["Fever and cough, fever for 3 days.", "No fever; cough", "Pain in the chest"]


def test_tokens_are_words_in_lower_case_and_one_token_for_all_numbers():
    assert models.tokenise("Æther β-blocker 1,000 mg/dL (P<.05)!") == [
        "æther", "β", "blocker", "<number>", "mg", "dl", "p", "<number>"]
    assert models.tokenise("...") == []


def test_vocabulary_is_ordered_by_frequency_then_alphabet_and_cut():
    vocabulary = Vocabulary.of_texts(TEXTS, least=1)
    assert vocabulary.words[:4] == ("fever", "cough", "<number>", "and")
    assert Vocabulary.of_texts(TEXTS, size=2).words == ("fever", "cough")
    assert len(Vocabulary.of_texts(TEXTS, least=2)) == 2 + 2


def test_encoding_cuts_pads_and_knows_no_new_word():
    vocabulary = Vocabulary(["fever", "cough"])
    rows = vocabulary.encode(["cough fever zebra", "fever fever fever fever fever", "?"], 4)
    np.testing.assert_array_equal(
        rows, [[3, 2, UNKNOWN, PADDING], [2, 2, 2, 2], [UNKNOWN, 0, 0, 0]])
    assert rows.dtype == np.int32
    assert vocabulary.decode(rows[0]) == ["cough", "fever", "<unknown>"]


def test_what_cannot_be_a_vocabulary_is_refused():
    with pytest.raises(ValueError, match="at least one word"):
        Vocabulary.of_texts(["each word once"], least=2)
    with pytest.raises(ValueError, match="twice"):
        Vocabulary(["fever", "fever"])
    with pytest.raises(ValueError, match="a list of texts"):
        Vocabulary(["fever"]).encode("fever", 3)
    with pytest.raises(ValueError, match="length is 0"):
        Vocabulary(["fever"]).encode(["fever"], 0)


def tokens(rng, n=6, length=12, words=40):
    rows = rng.integers(1, words, (n, length)).astype(np.int32)
    ends = np.concatenate([[length, 1], rng.integers(2, length, n - 2)])
    return np.where(np.arange(length) < ends[:, np.newaxis], rows, PADDING)


@pytest.mark.parametrize("pooling", ["attention", "mean", "last", "words"])
def test_padding_changes_no_answer(keras, pooling):
    keras.utils.set_random_seed(0)
    model = models.attention_classifier(40, 5, pooling=pooling)
    rows = tokens(np.random.default_rng(0))
    longer = np.pad(rows, ((0, 0), (0, 9)))
    assert models.logits(model, rows).shape == (6, 5)
    np.testing.assert_allclose(models.logits(model, longer), models.logits(model, rows), atol=1e-5)


def test_attention_is_a_masked_softmax_and_the_answer_its_mean_of_states(keras):
    keras.utils.set_random_seed(0)
    model = models.attention_classifier(40, 5)
    rows = tokens(np.random.default_rng(1))
    weights, states = models.weights_of_words(model, rows, batch_size=4)
    assert np.all(weights[rows == PADDING] == 0)
    assert np.all(weights[rows != PADDING] > 0)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    hidden, bias = model.get_layer("hidden").get_weights()
    score = np.tanh(states @ hidden + bias) @ model.get_layer("score").get_weights()[0]
    expected = np.where(rows != PADDING, np.exp(score[..., 0]), 0)
    np.testing.assert_allclose(weights, expected / expected.sum(axis=1, keepdims=True), atol=1e-6)
    kernel, bias = model.get_layer("logits").get_weights()
    context = (weights[..., np.newaxis] * states).sum(axis=1)
    np.testing.assert_allclose(context @ kernel + bias, models.logits(model, rows), atol=1e-5)


def test_states_know_what_comes_before_and_after(keras):
    keras.utils.set_random_seed(0)
    model = models.attention_classifier(40, 5)
    rows = tokens(np.random.default_rng(2))[:1]
    other = rows.copy()
    other[0, 5] = rows[0, 5] % 38 + 1
    before, after = (models.weights_of_words(model, each)[1][0] for each in (rows, other))
    assert np.all(np.abs(before - after).max(axis=1)[[0, 4, 6, 11]] > 1e-9)


def test_unknown_pooling_and_a_network_without_attention_are_refused(keras):
    with pytest.raises(ValueError, match="give attention, mean, last or words"):
        models.attention_classifier(40, 5, pooling="max")
    with pytest.raises(ValueError, match="pooling='attention'"):
        models.weights_of_words(models.attention_classifier(40, 5, pooling="mean"), [[1]])


def test_training_learns_a_telling_word_and_attends_to_it(keras):
    """Class 1 where the word 7 stands somewhere: found, and the 7 has the largest weight."""
    from medlearn.data import Split

    rng = np.random.default_rng(0)
    rows = rng.integers(10, 40, (400, 8)).astype(np.int32)
    y = np.arange(400) % 2
    place = rng.integers(0, 8, 400)
    rows[np.flatnonzero(y), place[y == 1]] = 7
    keras.utils.set_random_seed(0)
    model = models.attention_classifier(40, 2, embedding=8, units=8)
    part = Split(rows, y, None)
    models.train_classifier(model, part, part, epochs=12, learning_rate=0.02, batch_size=50)
    assert np.mean(models.logits(model, rows).argmax(axis=1) == y) > 0.95
    importance = models.gradient_times_input(model, rows)
    assert np.mean(importance[y == 1].argmax(axis=1) == place[y == 1]) > 0.8
    without = models.without_words(rows, importance, 1)
    assert np.mean(models.logits(model, without[y == 1]).argmax(axis=1) == 0) > 0.8


def test_gradient_times_input_is_the_slope_of_the_winning_logit(keras):
    """Scaling one word's vector by 1 + e moves the logit by e times the value."""
    keras.utils.set_random_seed(0)
    model = models.attention_classifier(40, 5)
    rows = np.array([[3, 4, 5, 6, 0]], dtype=np.int32)
    importance = models.gradient_times_input(model, rows)
    assert importance.shape == (1, 5)
    assert importance[0, 4] == 0
    winner = models.logits(model, rows)[0].argmax()
    table = model.get_layer("embedding").get_weights()[0]
    for place, word in enumerate(rows[0, :4]):
        moved = []
        for step in (0.05, -0.05):
            changed = table.copy()
            changed[word] *= 1 + step
            model.get_layer("embedding").set_weights([changed])
            moved.append(models.logits(model, rows)[0, winner])
        assert (moved[0] - moved[1]) / 0.1 == pytest.approx(importance[0, place], rel=0.05, abs=1e-5)


def test_shuffling_keeps_each_texts_weights_and_its_padding():
    rng = np.random.default_rng(0)
    rows = tokens(rng, n=50)
    weights = np.where(rows != PADDING, rng.random(rows.shape), 0)
    dealt = models.shuffled_weights(weights, rows, rng)
    np.testing.assert_allclose(np.sort(dealt, axis=1), np.sort(weights, axis=1))
    assert np.all(dealt[rows == PADDING] == 0)
    assert np.mean(dealt != weights) > 0.3


def test_leaving_words_out_keeps_the_order_and_one_word():
    rows = np.array([[5, 6, 7, 8, 0], [9, 0, 0, 0, 0]])
    importance = np.array([[0.1, 0.9, 0.3, 0.8, 5.0], [1.0, 0, 0, 0, 0]])
    np.testing.assert_array_equal(
        models.without_words(rows, importance, 2), [[5, 7, 0, 0, 0], [9, 0, 0, 0, 0]])
    np.testing.assert_array_equal(models.without_words(rows, importance, 0), rows)
    assert (models.without_words(rows, importance, 99) != 0).sum(axis=1).tolist() == [1, 1]
