"""The environment keeps Gymnasium's contract, and is the same process."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from medlearn import rl
from medlearn.rl.environment import FiniteProcessEnv

from .wards import SENSIBLE, ward


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("process", [ward(), rl.icu_sepsis().process], ids=["ward", "icu"])
def test_gymnasiums_own_checker_is_content(process):
    check_env(FiniteProcessEnv(process), skip_render_check=True)


def play(env, seed):
    state, info = env.reset(seed=seed)
    states, total, ended = [state], 0.0, False
    while not ended:
        state, reward, terminated, truncated, info = env.step(int(SENSIBLE[state].argmax()))
        states.append(state)
        total += reward
        ended = terminated or truncated
    return states, total


def test_episodes_are_worth_what_the_process_says():
    env = FiniteProcessEnv(ward())
    env.reset(seed=0)
    totals = [play(env, None)[1] for _ in range(4000)]
    assert abs(np.mean(totals) - rl.value(ward(), SENSIBLE)) < 4 * np.std(totals) / 4000**0.5


def test_same_seed_same_patient():
    first, again = (play(FiniteProcessEnv(ward()), seed=5) for _ in range(2))
    assert first == again


def test_mask_is_told():
    benchmark = rl.icu_sepsis()
    env = FiniteProcessEnv(benchmark.process)
    state, info = env.reset(seed=3)
    np.testing.assert_array_equal(info["action_mask"], benchmark.process.admissible[state])


def test_an_episode_that_lasts_too_long_is_truncated():
    rows = np.array([[[0.5, 0.5]] * 2, [[0.0, 1.0]] * 2])
    rows[0] = [[1.0, 0.0], [0.0, 1.0]]
    process = rl.FiniteProcess(rows, [1, 0], terminal=[False, True])
    env = FiniteProcessEnv(process, max_steps=3)
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(3)] == [(False, False), (False, False), (False, True)]
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(0)


def test_what_cannot_be_done_is_refused():
    env = FiniteProcessEnv(ward())
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(0)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        env.step(2)
    with pytest.raises(ValueError, match="max_steps"):
        FiniteProcessEnv(ward(), max_steps=0)
