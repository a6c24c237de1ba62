"""Temperature: recovered where it is known, refused where there is none."""

import numpy as np
import pytest
from scipy.special import expit

from medlearn import metrics
from medlearn.models import fit_temperature


@pytest.mark.parametrize("true", [0.3, 1.0, 2.5])
def test_recovers_the_temperature_that_the_data_were_made_with(true):
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, 20_000)
    y = (rng.random(20_000) < expit(honest)).astype(int)
    found = fit_temperature(y, true * honest)
    assert found == pytest.approx(true, rel=0.05)
    line = metrics.calibration_slope_intercept(y, expit(true * honest / found))
    assert line.slope == pytest.approx(1, abs=0.02)


def test_no_other_temperature_has_a_lower_loss():
    y, z = np.array([0, 1, 0, 1, 1, 0]), np.array([-3.0, 4.0, 2.0, -1.0, 3.0, -5.0])
    best = fit_temperature(y, z)

    def loss(temperature):
        return np.mean(np.logaddexp(0, z / temperature) - y * z / temperature)

    assert all(loss(best) <= loss(best * factor) for factor in (0.8, 0.95, 1.05, 1.25))


@pytest.mark.parametrize(
    ("y", "z", "message"),
    [
        ([0, 1], [1.0], "one length"),
        ([0, 2], [1.0, 2.0], "0 and 1"),
        ([0, 1], [np.nan, 2.0], "finite"),
        ([1, 1], [1.0, 2.0], "one class"),
        ([0, 1], [-1.0, 2.0], "no finite temperature"),
        ([0, 1], [0.0, 0.0], "no finite temperature"),
        ([0, 1, 0, 1], [-1.0, 2.0, -3.0, 0.0], "no finite temperature"),
        ([0, 1, 0, 1], [1.0, -2.0, 1.0, -3.0], "no finite temperature"),
    ],
)
def test_bad_input_is_refused_with_advice(y, z, message):
    with pytest.raises(ValueError, match=message):
        fit_temperature(y, z)
