import numpy as np

from experiments.benchmarks.models.speed import varied, worst


def test_varied_rows_are_hardly_ever_alike_and_hold_only_values_of_the_file() -> None:
    values = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, np.nan], [3.0, 30.0, 300.0]]).repeat(20, axis=0)
    values[:, 0] += np.arange(60) / 100
    rows = varied(values, 1_000)
    assert rows.shape == (1_000, 3)
    assert rows.flags.c_contiguous
    assert np.isin(rows[:, 0], values[:, 0]).all()
    mixed = rows[:, 1] * 10 != np.where(np.isnan(rows[:, 2]), 200.0, rows[:, 2])
    assert 0.2 < mixed.mean() < 0.4


def test_the_promised_figures_are_those_of_the_file_that_serves_us_least() -> None:
    names = ("predict_ratio_300", "predict_ratio_bag", "reasons_ratio", "row_us", "max_compile_error")
    files = {"a": dict(zip(names, (40, 150, 900, 9, 1e-12), strict=True))}
    files["b"] = dict(zip(names, (35, 200, 2_000, 12, 1e-10), strict=True))
    assert worst(files) == dict(zip(names, (35, 150, 900, 12, 1e-10), strict=True))
