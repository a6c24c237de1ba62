"""Does a network need the words that it attends to? Shuffling attention, leaving words out."""

import numpy as np

from .text import PADDING

__all__ = ["gradient_times_input", "shuffled_weights", "without_words"]


def shuffled_weights(weights, tokens, rng):
    """Deal the attention weights of each text out anew among its own words.

    Parameters
    ----------
    weights : array, shape (n, length)
    tokens : array of int, shape (n, length)
        0 is padding, which keeps its weight of 0.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (n, length)

    Notes
    -----
    Taught in chapter 32. Source: Jain and Wallace, NAACL 2019, doi 10.18653/v1/N19-1357.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> dealt = shuffled_weights(np.array([[0.7, 0.2, 0.1, 0.0]]), np.array([[5, 6, 7, 0]]), rng)
    >>> sorted(dealt[0, :3].tolist()), dealt[0, 3].item()
    ([0.1, 0.2, 0.7], 0.0)
    """
    dealt = np.zeros_like(weights)
    for new, old, words in zip(dealt, weights, np.asarray(tokens) != PADDING, strict=True):
        new[words] = rng.permutation(old[words])
    return dealt


def without_words(tokens, importance, count):
    """Leave out the most important words of each text; those behind move up.

    Parameters
    ----------
    tokens : array of int, shape (n, length)
    importance : array, shape (n, length)
        Of padding it does not matter.
    count : int
        Words to leave out of each text; at least one word of each stays.

    Returns
    -------
    numpy.ndarray of int32, shape (n, length)

    Notes
    -----
    Taught in chapter 32.

    Examples
    --------
    >>> without_words([[5, 6, 7, 0]], [[0.2, 0.7, 0.1, 9.0]], 1)
    array([[5, 7, 0, 0]], dtype=int32)
    """
    tokens = np.asarray(tokens)
    left = np.full(tokens.shape, PADDING, dtype=np.int32)
    for new, words, value in zip(left, tokens, np.asarray(importance, dtype=float), strict=True):
        real = np.flatnonzero(words != PADDING)
        order = real[np.argsort(-value[real], kind="stable")]
        kept = np.sort(order[min(count, len(real) - 1) :])
        new[: len(kept)] = words[kept]
    return left


def gradient_times_input(model, tokens, batch_size=128):
    """How far each word's vector pulls the logit of the predicted class, to first order.

    Parameters
    ----------
    model : keras.Model
        With a layer called "embedding", from tokens to logits (n, classes).
    tokens : array of int, shape (n, length)

    Returns
    -------
    numpy.ndarray of float, shape (n, length)
        The gradient of the largest logit for the word's vector, times that vector, summed:
        positive where the word speaks for the class. 0 for padding.

    Notes
    -----
    Taught in chapter 32.
    """
    import tensorflow as tf
    from keras import Model

    both = Model(model.input, [model.get_layer("embedding").output, model.output])

    # Traced once, whatever the number of texts and their length.
    @tf.function(input_signature=[tf.TensorSpec((None, None), tf.int32)])
    def pull(batch):
        with tf.GradientTape() as tape:
            vectors, logits = both(batch, training=False)
            total = tf.reduce_sum(tf.reduce_max(logits, axis=-1))
        return tf.reduce_sum(tape.gradient(total, vectors) * vectors, axis=-1)

    parts = [
        pull(tf.constant(tokens[first : first + batch_size])).numpy()
        for first in range(0, len(tokens), batch_size)
    ]
    return np.concatenate(parts).astype(float) * (np.asarray(tokens) != PADDING)
