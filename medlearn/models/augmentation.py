"""Altered copies of pictures for training: what could have been another picture of the same."""


def augmentation(shift=0.0, rotation=0.0, zoom=0.0, contrast=0.0, brightness=0.0, mirror=False):
    """Random changes of a picture, drawn anew for every picture at every training step.

    Used as the first layer of a network; when predicting it changes nothing. Ask of each change
    whether it is true to medicine: a chest is never upside down, and its heart is on the left.

    Parameters
    ----------
    shift : float
        Largest shift in either direction, as a share of the side.
    rotation : float
        Largest turn in either direction, in degrees.
    zoom : float
        Largest change of the size, as a share.
    contrast, brightness : float
        Largest change of the distance from the mean grey value (as a share), and of the grey
        value itself (which goes from 0 to 1).
    mirror : bool
        Whether every second picture is turned left to right.

    Returns
    -------
    keras.Sequential
        Takes and gives pictures (n, rows, columns, 1) with values from 0 to 1, of any size.
        Where a picture has moved away its border is repeated.

    Raises
    ------
    ValueError
        If a number is negative, or no change is asked for.

    Notes
    -----
    Taught in chapter 21 (D0, section 5, names the idea). Seeds come from
    ``keras.utils.set_random_seed``.

    Examples
    --------
    >>> len(augmentation(shift=0.1, mirror=True).layers)
    2
    """
    amounts = {
        "shift": shift,
        "rotation": rotation,
        "zoom": zoom,
        "contrast": contrast,
        "brightness": brightness,
    }
    for name, amount in amounts.items():
        if amount < 0:
            raise ValueError(f"{name} is {amount}: give the largest change, 0 or more")
    if not mirror and not any(amounts.values()):
        raise ValueError("no change is asked for: give one, or build the network without")
    from keras import Sequential, layers

    steps = [
        mirror and layers.RandomFlip("horizontal"),
        shift and layers.RandomTranslation(shift, shift, fill_mode="nearest"),
        rotation and layers.RandomRotation(rotation / 360, fill_mode="nearest"),
        zoom and layers.RandomZoom((-zoom, zoom), fill_mode="nearest"),
        contrast and layers.RandomContrast(contrast, value_range=(0, 1)),
        brightness and layers.RandomBrightness(brightness, value_range=(0, 1)),
    ]
    return Sequential([step for step in steps if step], name="augmentation")
