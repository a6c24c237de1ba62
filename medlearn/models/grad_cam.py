"""Grad-CAM: which part of a picture pushed the network's answer up."""

import numpy as np


def grad_cam(model, x, layer=None):
    """A map of where the last feature maps speak for the disease, for each picture.

    The gradient of the logit for each feature map, summed over the map, says how much that map
    counts; the maps are added with these weights, and what is negative is cut off. (The paper
    averages the gradient: the same map but for a factor, here left out so that the numbers are
    logits.)

    Parameters
    ----------
    model : keras.Model
        From (n, rows, columns, channels) to logits (n, 1), without nested models other than an
        augmentation.
    x : array, shape (n, rows, columns, channels)
    layer : str, optional
        Name of the layer whose maps are used; default: the last that gives maps (4 dimensions).

    Returns
    -------
    numpy.ndarray of float64, shape (n, map rows, map columns)
        Not negative, in units of the logit; coarse, as the maps are.

    Raises
    ------
    ValueError
        If there is no such layer, or it gives no maps; if the network gives more than a logit.

    Notes
    -----
    A network that averages its maps and weighs them once (`vgg_like`, `resnet_like`) has a logit
    that is the mean of the map before the cut, plus the bias: nothing is left out. Taught in
    chapter 21. Source: Selvaraju and others, ICCV 2017, doi 10.1109/ICCV.2017.74.
    """
    if model.output_shape[-1] != 1:
        raise ValueError("the network must give one logit a picture")
    chosen = _layer(model, layer)
    import keras
    import tensorflow as tf

    both = keras.Model(model.input, [chosen.output, model.output])

    @tf.function
    def maps_and_gradient(pictures):
        with tf.GradientTape() as tape:
            maps, logit = both(pictures, training=False)
            total = tf.reduce_sum(logit)  # each picture's logit depends on its own maps alone
        return maps, tape.gradient(total, maps)

    maps, gradient = (each.numpy() for each in maps_and_gradient(tf.constant(x)))
    weight = gradient.sum(axis=(1, 2), keepdims=True)
    return np.maximum((weight * maps).sum(axis=-1), 0).astype(float)


def _layer(model, name):
    with_maps = [each for each in model.layers if len(getattr(each.output, "shape", ())) == 4]
    names = [each.name for each in with_maps]
    if name is None and with_maps:
        return with_maps[-1]
    if name not in names:
        raise ValueError(f"no layer {name!r} gives maps; there are: {', '.join(names) or 'none'}")
    return with_maps[names.index(name)]
