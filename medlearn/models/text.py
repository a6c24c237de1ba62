"""Reading text: words to numbers, and a recurrent network that attends to some of them."""

import re
from collections import Counter

import numpy as np

__all__ = [
    "PADDING",
    "UNKNOWN",
    "Vocabulary",
    "attention_classifier",
    "tokenise",
    "weights_of_words",
]

PADDING, UNKNOWN = 0, 1  # as in Keras's TextVectorization
NUMBER = "<number>"
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")


def tokenise(text):
    """Cut a text into tokens: words in lower case; every number becomes the token <number>.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Notes
    -----
    Taught in chapter 32. An exact number says little of a text's subject.

    Examples
    --------
    >>> tokenise("Beta-blockers: 39 +/- 5.3 yr (n=20).")
    ['beta', 'blockers', '<number>', '<number>', 'yr', 'n', '<number>']
    """
    found = _TOKEN.findall(text.lower())
    return [NUMBER if token[0].isdecimal() else token for token in found]


class Vocabulary:
    """The words that a network knows, each with its number.

    Number 0 is padding, 1 any unknown word; the words follow from 2 on, the most frequent first.
    Taught in chapter 32.

    Parameters
    ----------
    words : sequence of str
        Without repetition, from the most frequent one on.

    Raises
    ------
    ValueError
        If there is no word, or one is there twice.

    Examples
    --------
    >>> vocabulary = Vocabulary.of_texts(["no fever, no pain", "fever"], least=2)
    >>> vocabulary.words
    ('fever', 'no')
    >>> vocabulary.encode(["No fever but pain"], length=6)
    array([[3, 2, 1, 1, 0, 0]], dtype=int32)
    """

    def __init__(self, words):
        self.words = tuple(words)
        self._number = {word: number for number, word in enumerate(self.words, start=2)}
        if not self.words:
            raise ValueError("a vocabulary needs at least one word: give more text, or a lower least")
        if len(self._number) != len(self.words):
            raise ValueError("a word is there twice: give each word once")

    @classmethod
    def of_texts(cls, texts, size=4000, least=2):
        """Take the most frequent words of texts: of the **training** part alone.

        Parameters
        ----------
        texts : sequence of str
        size : int
            The most words to keep.
        least : int
            How often a word must occur. A word seen once cannot be learned.

        Returns
        -------
        Vocabulary
            Words of equal frequency stand in alphabetical order.
        """
        counts = Counter(token for text in texts for token in tokenise(text))
        kept = [word for word, count in counts.items() if count >= least]
        return cls(sorted(kept, key=lambda word: (-counts[word], word))[:size])

    def __len__(self):
        """How many numbers there are: the words, padding and the unknown word."""
        return len(self.words) + 2

    def encode(self, texts, length):
        """Turn texts into numbers, cut or padded at their end to one length.

        Parameters
        ----------
        texts : sequence of str
        length : int
            Tokens a text.

        Returns
        -------
        numpy.ndarray of int32, shape (n, length)
            A text without any token counts as one unknown word.

        Raises
        ------
        ValueError
            If the length is below 1, or a single text is given in place of a list.
        """
        if isinstance(texts, str):
            raise ValueError("give a list of texts: encode([text], length)")
        if length < 1:
            raise ValueError(f"length is {length}: give 1 or more")
        encoded = np.full((len(texts), length), PADDING, dtype=np.int32)
        for row, text in zip(encoded, texts, strict=True):
            numbers = [self._number.get(token, UNKNOWN) for token in tokenise(text)[:length]]
            row[: max(len(numbers), 1)] = numbers or [UNKNOWN]
        return encoded

    def decode(self, numbers):
        """Turn numbers back into words, without the padding.

        Parameters
        ----------
        numbers : array of int, shape (length,)

        Returns
        -------
        list of str
            ``"<unknown>"`` for the number 1.

        Examples
        --------
        >>> Vocabulary(["fever", "no"]).decode([3, 2, 1, 0, 0])
        ['no', 'fever', '<unknown>']
        """
        names = ("", "<unknown>", *self.words)
        return [names[number] for number in numbers if number != PADDING]


def attention_classifier(
    vocabulary_size,
    classes,
    embedding=32,
    units=24,
    word_dropout=0.2,
    dropout=0.5,
    pooling="attention",
):
    """A bidirectional GRU over the words of a text, pooled into one vector, then the classes.

    The state h_t of a word holds the GRU's two directions and, past the GRU on a shortcut, the
    word's own vector. The states are averaged with weights a_t: the softmax over the words of
    v . tanh(W h_t + b), in which padding gets weight 0.

    Parameters
    ----------
    vocabulary_size : int
        ``len(vocabulary)``: words, padding and the unknown word.
    classes : int
    embedding, units : int
        Numbers for a word, and of the GRU's state in each direction.
    word_dropout : float
        Share of whole words whose vector is dropped in training.
    dropout : float
        Share of the pooled vector that is dropped in training.
    pooling : {"attention", "mean", "last", "words"}
        How one vector comes of the words: attention; the mean of the states; the GRU's last state
        in each direction; attention over the word vectors themselves, without any GRU.

    Returns
    -------
    keras.Model
        From tokens (n, length), 0 being padding, to logits (n, classes). Of the attention weights
        see `weights_of_words`.

    Raises
    ------
    ValueError
        If there is no such pooling.

    Notes
    -----
    Taught in chapter 32. Source: Bahdanau, Cho and Bengio, ICLR 2015, arXiv:1409.0473; one query
    for all texts as in Yang and others, NAACL 2016, doi 10.18653/v1/N16-1174.

    Examples
    --------
    >>> attention_classifier(1000, 5).output_shape
    (None, 5)
    """
    if pooling not in ("attention", "mean", "last", "words"):
        raise ValueError(f"pooling is {pooling!r}: give attention, mean, last or words")
    from keras import Input, Model, layers, ops

    tokens = Input((None,), dtype="int32")
    states = layers.Embedding(vocabulary_size, embedding, mask_zero=True, name="embedding")(tokens)
    states = layers.Dropout(word_dropout, noise_shape=(None, None, 1))(states)
    if pooling == "last":
        states = layers.Bidirectional(layers.GRU(units))(states)
    elif pooling != "words":
        around = layers.Bidirectional(layers.GRU(units, return_sequences=True))(states)
        states = layers.Concatenate(name="states")([around, states])
    if pooling == "last":
        context = states
    elif pooling == "mean":
        context = layers.GlobalAveragePooling1D()(states)  # leaves the padding out by its mask
    else:
        hidden = layers.Dense(units, activation="tanh", name="hidden")(states)
        score = layers.Dense(1, use_bias=False, name="score")(hidden)[..., 0]
        mask = ops.not_equal(tokens, PADDING)
        weights = layers.Softmax(name="attention")(score, mask=mask)
        context = ops.sum(weights[..., None] * states, axis=1)
    context = layers.Dropout(dropout)(context)
    return Model(tokens, layers.Dense(classes, name="logits")(context), name=f"text_{pooling}")


def weights_of_words(model, tokens, batch_size=256):
    """The attention weight of every word, and the states that are weighed.

    Parameters
    ----------
    model : keras.Model
        An `attention_classifier` with attention.
    tokens : array of int, shape (n, length)

    Returns
    -------
    weights : numpy.ndarray of float, shape (n, length)
        Each row sums to 1, padding has 0.
    states : numpy.ndarray of float, shape (n, length, 2 units + embedding)
        Their mean with these weights, times the kernel of the last layer plus its bias, is the
        network's logits.

    Raises
    ------
    ValueError
        If the network has no layer called "attention" over one called "states".

    Notes
    -----
    Taught in chapter 32.
    """
    from keras import Model

    names = {layer.name for layer in model.layers}
    if not {"attention", "states"} <= names:
        raise ValueError("the network has no attention: build it with pooling='attention'")
    both = Model(model.input, [model.get_layer(n).output for n in ("attention", "states")])
    parts = [
        [np.asarray(each, dtype=float) for each in both(tokens[first : first + batch_size])]
        for first in range(0, len(tokens), batch_size)
    ]
    weights, states = (np.concatenate(each) for each in zip(*parts, strict=True))
    return weights, states
