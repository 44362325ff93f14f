from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.benchmarks.models.tables import MOST_LEVELS, OTHERS, read_table, sampled, tables_below


def written(folder: Path, columns: dict[str, object], name: str = "some_file") -> Path:
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_texts_become_codes_in_the_order_of_the_alphabet_and_missing_stays_missing(tmp_path: Path) -> None:
    path = written(tmp_path, {"home": ["rent", None, "own", "rent"], "bad": [0, 1, 0, 1]})
    table = read_table(path, "bad")
    assert table.part.features[0].levels == ("own", "rent")
    assert table.part.values[:, 0].tolist() == pytest.approx([1.0, np.nan, 0.0, 1.0], nan_ok=True)


def test_a_dictionary_of_texts_is_a_category_too(tmp_path: Path) -> None:
    path = written(tmp_path, {"job": pa.array(["b", "a", "b"]).dictionary_encode(), "bad": [0, 1, 0]})
    assert read_table(path, "bad").part.features[0].levels == ("a", "b")


def test_days_yes_and_no_and_infinity_become_numbers(tmp_path: Path) -> None:
    days = pa.array([0, 1, 365], pa.int32()).cast(pa.date32())
    path = written(tmp_path, {"on": days, "own": [True, False, True], "far": [1.0, np.inf, 2.0], "bad": [0, 1, 0]})
    values = read_table(path, "bad").part.values
    assert values[:, 0].tolist() == [0.0, 1.0, 365.0]
    assert values[:, 1].tolist() == [1.0, 0.0, 1.0]
    assert np.isnan(values[1, 2])


def test_rare_levels_share_one_level_by_frequency_alone(tmp_path: Path) -> None:
    texts = [f"t{number:03d}" for number in range(100) for _ in range(2 if number < MOST_LEVELS else 1)]
    path = written(tmp_path, {"town": texts, "bad": [0, 1] * (len(texts) // 2) + [0] * (len(texts) % 2)})
    feature = read_table(path, "bad").part.features[0]
    assert len(feature.levels) == MOST_LEVELS + 1
    assert feature.levels[-1] == OTHERS
    assert feature.levels[0] == "t000"


def test_columns_that_name_the_row_or_say_nothing_are_left_out_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, {"ref": ["a", "b", "c"], "one": [7, 7, 7], "age": [1, 2, 3], "bad": [0, 1, 0]})
    table = read_table(path, "bad")
    assert table.left_out == ("ref", "one")
    assert [feature.name for feature in table.part.features] == ["age"]


def test_declared_codes_are_codes_only_where_they_occur(tmp_path: Path) -> None:
    path = written(tmp_path, {"with": [-9, 1, -7], "without": [1, 2, 3], "target": [0, 1, 0]}, name="heloc")
    first, second = read_table(path, "target").part.features
    assert first.special_codes == (-9.0, -7.0)
    assert second.special_codes == ()


def test_rows_without_a_target_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, {"age": [1, 2, 3], "bad": [0, None, 1]})
    assert read_table(path, "bad").part.labels.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("column", [[0, 1, 2], [1, 1, 1], ["good", "bad", "good"]])
def test_a_target_that_is_not_binary_is_refused_by_name(tmp_path: Path, column: list[object]) -> None:
    path = written(tmp_path, {"age": [1, 2, 3], "bad": column})
    with pytest.raises(SystemExit, match="must be 0 or 1"):
        read_table(path, "bad")


def test_a_missing_target_tells_which_columns_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, {"age": [1, 2], "bad": [0, 1]})
    with pytest.raises(SystemExit, match=r"--target.*'age', 'bad'"):
        read_table(path, "target")


def test_an_absent_data_folder_names_its_remedies(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="DATA=DIR"):
        list(tables_below(tmp_path / "nowhere"))


def test_csv_is_read_like_parquet(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("home,age,bad\nrent,30,0\nown,,1\nrent,50,0\n")
    table = read_table(path, "bad")
    assert table.name == "plain"
    assert np.isnan(table.part.values[1, 1])


def test_a_sample_is_the_same_every_time_and_small_files_stay_whole(tmp_path: Path) -> None:
    path = written(tmp_path, {"age": list(range(100)), "bad": [0, 1] * 50})
    table = read_table(path, "bad")
    assert sampled(table, 10).key == sampled(table, 10).key != table.key
    assert len(sampled(table, 10).part.labels) == 10
    assert sampled(table, 100) is table


def test_another_value_gives_another_key_and_another_name_another_folder(tmp_path: Path) -> None:
    one = read_table(written(tmp_path, {"age": [1, 2, 3], "bad": [0, 1, 0]}), "bad")
    same = read_table(written(tmp_path, {"age": [1, 2, 3], "bad": [0, 1, 0]}), "bad")
    other = read_table(written(tmp_path, {"age": [1, 2, 4], "bad": [0, 1, 0]}), "bad")
    assert one.key == same.key
    assert one.key != other.key
