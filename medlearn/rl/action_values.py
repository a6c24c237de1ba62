"""A table of action values that is moved towards targets, a batch at a time; chapter 51."""

from __future__ import annotations

import numpy as np


class ActionValueTable:
    """``values`` (n_states, n_actions) and how often each of them was moved; chapter 51.

    Parameters
    ----------
    shape : (n_states, n_actions)
    initial : float
        Every value at the start. Above what is possible: optimism.
    step_size : float, optional
        A constant step, above 0 to 1.
    step_exponent : float
        Where no step size is given: the step of a pair moved n times is ``n ** -step_exponent``.
        Above 0.5 and up to 1, the estimates converge (Robbins and Monro 1951,
        doi:10.1214/aoms/1177729586).

    Examples
    --------
    A pair that occurs twice in a batch is moved once, towards the mean of its targets.

    >>> table = ActionValueTable((2, 2), step_size=0.5)
    >>> table.move(np.array([0, 0, 1]), np.array([1, 1, 0]), np.array([1.0, 0.0, 1.0]))
    >>> table.values
    array([[0.  , 0.25],
           [0.5 , 0.  ]])
    """

    def __init__(
        self,
        shape: tuple[int, int],
        initial: float = 0.0,
        step_size: float | None = None,
        step_exponent: float = 0.7,
    ):
        if step_size is not None and not 0 < step_size <= 1:
            raise ValueError(f"step_size is {step_size}; it must lie above 0 and be at most 1")
        if not 0 <= step_exponent <= 1:
            raise ValueError(f"step_exponent is {step_exponent}; it must lie between 0 and 1")
        self.values = np.full(shape, float(initial))
        self.moves = np.zeros(shape, dtype=np.int64)
        self._step_size = step_size
        self._step_exponent = step_exponent

    def move(self, states: np.ndarray, actions: np.ndarray, targets: np.ndarray):
        """Move the values of these pairs, (n,) each, a step towards their targets (n,)."""
        pairs, place, counts = np.unique(
            states * self.values.shape[1] + actions, return_inverse=True, return_counts=True
        )
        mean = np.bincount(place, weights=targets) / counts
        self.moves.flat[pairs] += 1
        steps = self._step_size
        if steps is None:
            steps = self.moves.flat[pairs] ** -self._step_exponent
        self.values.flat[pairs] += steps * (mean - self.values.flat[pairs])
