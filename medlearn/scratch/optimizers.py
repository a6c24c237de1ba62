"""Optimisers: how a gradient becomes a step. Names, defaults and arithmetic are Keras's.

Each works in the dtype of the weights. Taught in chapter 12 (D2 3.2.3), clipping in chapter 30.
"""

import numpy as np

from .clipping import checked_positive, clip_by_global_norm


class Optimizer:
    """Moves weights along their gradients, one `step` a batch.

    A subclass writes `_update(weight, gradient, memory)`, which returns the new weight and keeps
    what it must remember of this weight in the dict `memory`.

    Parameters
    ----------
    learning_rate : float above 0
    clipnorm : float above 0, or None
        Shorten the gradient of each weight array to this length at most.
    clipvalue : float above 0, or None
        Cut each entry off at plus and minus this value.
    global_clipnorm : float above 0, or None
        Shorten all gradients by one factor, to this length at most taken together.

    Attributes
    ----------
    learning_rate : float
        May be changed between steps.
    iterations : int
        Steps taken.

    Raises
    ------
    ValueError
        For values out of range, or more than one way to clip.

    Examples
    --------
    >>> class SignDescent(Optimizer):
    ...     def _update(self, weight, gradient, memory):
    ...         return weight - self._rate(weight) * np.sign(gradient)
    >>> SignDescent(0.1).learning_rate
    0.1
    """

    def __init__(self, learning_rate, *, clipnorm=None, clipvalue=None, global_clipnorm=None):
        self.learning_rate = checked_positive("learning_rate", learning_rate)
        self.clipnorm = _checked_clipping("clipnorm", clipnorm)
        self.clipvalue = _checked_clipping("clipvalue", clipvalue)
        self.global_clipnorm = _checked_clipping("global_clipnorm", global_clipnorm)
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError("Clip in one way: clipnorm, clipvalue or global_clipnorm.")
        self.iterations = 0
        self._layers = None
        self._memory = {}

    def step(self, layers):
        """Move every weight in `params` of every layer by its gradient in `grads`.

        Parameters
        ----------
        layers : list of layers
            The same ones at every step: momentum and the like belong to them. The arrays in
            `params` are replaced, not changed in place; those in `grads` stay as they are,
            clipped or not.

        Raises
        ------
        TypeError
            For a layer alone.
        RuntimeError
            Where a layer has weights but no gradients yet.
        ValueError
            Where the layers are not those of the first step, or a gradient has not the shape of
            its weight; with clipping by a norm, where one is not finite.
        """
        layers = _checked_layers(layers)
        self._check_same_layers(layers)
        for layer in layers:
            _check_gradients(layer)
        places = [(index, name) for index, layer in enumerate(layers) for name in layer.params]
        gradients = self._clipped([layers[index].grads[name] for index, name in places])
        self.iterations += 1
        for (index, name), gradient in zip(places, gradients, strict=True):
            memory = self._memory.setdefault((index, name), {})
            weight = layers[index].params[name]
            layers[index].params[name] = self._update(weight, gradient, memory)

    def _clipped(self, gradients):
        if self.global_clipnorm is not None:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        if self.clipnorm is not None:
            return [clip_by_global_norm([g], self.clipnorm)[0] for g in gradients]
        if self.clipvalue is not None:
            return [np.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        return gradients

    def _check_same_layers(self, layers):
        if self._layers is None:
            self._layers = layers
        elif [id(layer) for layer in layers] != [id(layer) for layer in self._layers]:
            raise ValueError(
                f"This {type(self).__name__} already serves other layers and remembers their "
                "gradients. Make a new one for these."
            )

    def _update(self, weight, gradient, memory):
        raise NotImplementedError(
            f"{type(self).__name__} must define _update(weight, gradient, memory)."
        )

    def _rate(self, weight):
        """The learning rate in the weight's dtype."""
        return weight.dtype.type(self.learning_rate)


class SGD(Optimizer):
    """Gradient descent, with momentum where asked for.

    w <- w - learning_rate g; with momentum v <- momentum v - learning_rate g, w <- w + v.

    Parameters
    ----------
    learning_rate : float above 0
    momentum : float in [0, 1]
    clipnorm, clipvalue, global_clipnorm : float above 0, or None
        Clipping of the gradients, one way at most: see Optimizer.

    Raises
    ------
    ValueError
        For values out of range.

    Notes
    -----
    Source: D2 3.2.3; momentum: Polyak 1964, doi:10.1016/0041-5553(64)90137-5. Taught in
    chapters 11 (plain) and 12 (momentum).

    Examples
    --------
    >>> from medlearn.scratch import Dense
    >>> layer = Dense(1)
    >>> layer.build((None, 1))
    >>> layer.set_weights([[[1.0]], [0.0]])
    >>> _ = layer.forward([[2.0]]), layer.backward([[1.0]])
    >>> SGD(learning_rate=0.25).step([layer])
    >>> layer.params["kernel"]
    array([[0.5]], dtype=float32)
    """

    def __init__(
        self, learning_rate=0.01, momentum=0.0, *,
        clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):
        super().__init__(
            learning_rate, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm
        )
        self.momentum = _checked_share("momentum", momentum, closed=True)

    def _update(self, weight, gradient, memory):
        velocity = -(gradient * self._rate(weight))
        if self.momentum:
            velocity = memory.get("velocity", 0) * self.momentum + velocity
            memory["velocity"] = velocity
        return weight + velocity


class RMSprop(Optimizer):
    """Divide each gradient by the root of the moving average of its square.

    v <- rho v + (1 - rho) g^2, w <- w - learning_rate g / sqrt(v + epsilon).

    Parameters
    ----------
    learning_rate : float above 0
    rho : float in [0, 1)
    momentum : float in [0, 1]
        Above 0, the increments are summed up with this factor before they are applied.
    epsilon : float above 0
        Inside the root, as in Keras.
    clipnorm, clipvalue, global_clipnorm : float above 0, or None
        Clipping of the gradients, one way at most: see Optimizer.

    Raises
    ------
    ValueError
        For values out of range.

    Notes
    -----
    Source: Hinton 2012, Neural networks for machine learning, lecture 6. Taught in chapter 12.

    Examples
    --------
    >>> RMSprop().learning_rate, RMSprop().rho
    (0.001, 0.9)
    """

    def __init__(
        self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, *,
        clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):
        super().__init__(
            learning_rate, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm
        )
        self.rho = _checked_share("rho", rho)
        self.momentum = _checked_share("momentum", momentum, closed=True)
        self.epsilon = checked_positive("epsilon", epsilon)

    def _update(self, weight, gradient, memory):
        velocity = self.rho * memory.get("velocity", 0) + (1 - self.rho) * gradient**2
        memory["velocity"] = velocity
        increment = self._rate(weight) * gradient / np.sqrt(velocity + self.epsilon)
        if self.momentum:
            increment = self.momentum * memory.get("momentum", 0) + increment
            memory["momentum"] = increment
        return weight - increment


class Adam(Optimizer):
    """Moving averages of the gradient (m) and of its square (v), corrected for their start at 0.

    m <- m + (g - m)(1 - beta_1), v <- v + (g^2 - v)(1 - beta_2),
    w <- w - learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon).

    Parameters
    ----------
    learning_rate : float above 0
    beta_1, beta_2 : floats in [0, 1)
    epsilon : float above 0
        Added outside the root and before the correction for the start, as in Keras; the paper's
        algorithm 1 adds it after.
    clipnorm, clipvalue, global_clipnorm : float above 0, or None
        Clipping of the gradients, one way at most: see Optimizer.

    Raises
    ------
    ValueError
        For values out of range.

    Notes
    -----
    Source: Kingma and Ba 2015, doi:10.48550/arXiv.1412.6980 (the form just before their section
    2.1). Taught in chapter 12.

    Examples
    --------
    >>> Adam().learning_rate, Adam().beta_1, Adam().beta_2
    (0.001, 0.9, 0.999)
    """

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *,
        clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):
        super().__init__(
            learning_rate, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm
        )
        self.beta_1 = _checked_share("beta_1", beta_1)
        self.beta_2 = _checked_share("beta_2", beta_2)
        self.epsilon = checked_positive("epsilon", epsilon)

    def _update(self, weight, gradient, memory):
        m, v = memory.get("m", 0), memory.get("v", 0)
        memory["m"] = m = m + (gradient - m) * (1 - self.beta_1)
        memory["v"] = v = v + (gradient**2 - v) * (1 - self.beta_2)
        return weight - m * self._corrected_rate(weight) / (np.sqrt(v) + self.epsilon)

    def _corrected_rate(self, weight):
        # In the weight's dtype, as Keras has it: 1 - 0.999 already differs in float32.
        number = weight.dtype.type
        power_1 = number(self.beta_1) ** number(self.iterations)
        power_2 = number(self.beta_2) ** number(self.iterations)
        return self._rate(weight) * np.sqrt(1 - power_2) / (1 - power_1)


def _checked_layers(layers):
    if hasattr(layers, "params"):
        raise TypeError("step takes a list of layers: write step([layer]).")
    return list(layers)


def _check_gradients(layer):
    for name, weight in layer.params.items():
        if name not in layer.grads:
            raise RuntimeError(
                f"{type(layer).__name__} has no gradient for {name} yet: run forward and "
                "backward before step."
            )
        if np.shape(layer.grads[name]) != weight.shape:
            raise ValueError(
                f"{type(layer).__name__}: grads[{name!r}] has shape "
                f"{np.shape(layer.grads[name])}, its weight {weight.shape}."
            )


def _checked_clipping(name, limit):
    return None if limit is None else checked_positive(name, limit)


def _checked_share(name, value, closed=False):
    value = float(value)
    if not (0 <= value < 1 or (closed and value == 1)):
        raise ValueError(f"{name} must lie in [0, 1{']' if closed else ')'}, got {value!r}.")
    return value
