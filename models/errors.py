"""What can go wrong between bank data and a default probability: each error carries its facts and says the remedy.

ModelsError
├── MissingColumnError        a declared feature cannot be made: the input lacks a column
├── UnreadableColumnError     a column is there but is not of the declared type
├── UnknownLevelError         a category outside its declared levels
├── FeatureMismatchError      a scorecard was given other features than it was made for
├── TooFewDefaultsError       not enough matured defaults to learn from: the expert scorecard decides
├── PathTooWideError          a tree path uses more features than a table may have
├── NotMonotoneError          a compiled table breaks a declared direction
├── FlatScorecardError        a scorecard cannot be told in points: its odds never reach the anchor's
├── ScorecardFormatError      a scorecard file is damaged or of another format
└── UnknownModelVersionError  the registry has no such model, version or alias
"""


class ModelsError(Exception):
    """Root of every error of this package; its text is Chinese with English beside it."""


class MissingColumnError(ModelsError):
    """The input table lacks a column that a declared feature needs."""

    def __init__(self, feature: str, column: str) -> None:
        self.feature = feature
        self.column = column
        super().__init__(f"缺少列 {column}（特征 {feature} 需要） / column {column}, needed by {feature}, is missing")


class UnreadableColumnError(ModelsError):
    """A column cannot be read as the declared type."""

    def __init__(self, column: str, found: str, wanted: str) -> None:
        self.column = column
        self.found = found
        self.wanted = wanted
        super().__init__(f"列 {column} 类型为 {found}，应为 {wanted} / column {column} is {found}, should be {wanted}")


class UnknownLevelError(ModelsError):
    """A category that was never declared, with the first row where it stands."""

    def __init__(self, column: str, row: int, level: str, levels: tuple[str, ...]) -> None:
        self.column = column
        self.row = row
        self.level = level
        super().__init__(
            f"第 {row} 行 {column} 取值“{level}”未声明 / row {row}: {column} {level!r} is none of {', '.join(levels)}"
        )


class FeatureMismatchError(ModelsError):
    """Values were offered under other names, or in another order, than the scorecard was compiled for."""

    def __init__(self, wanted: tuple[str, ...], found: tuple[str, ...]) -> None:
        self.wanted = wanted
        self.found = found
        differing = [name for name in (*wanted, *found) if (name in wanted) != (name in found)]
        super().__init__(
            f"特征与评分卡不符：{differing or '次序不同'} / not the scorecard's features: {differing or 'order'}"
        )


class TooFewDefaultsError(ModelsError):
    """The matured loans hold too few defaults to learn and to test."""

    def __init__(self, part: str, defaults: int, needed: int) -> None:
        self.part = part
        self.defaults = defaults
        self.needed = needed
        super().__init__(
            f"{part} 只有 {defaults} 笔违约，至少需要 {needed} 笔 / {part}: {defaults} defaults, {needed} are needed"
        )


class PathTooWideError(ModelsError):
    """A path of the forest binds more features than the tables can hold."""

    def __init__(self, tree: int, features: tuple[str, ...]) -> None:
        self.tree = tree
        self.features = features
        super().__init__(
            f"第 {tree} 棵树的一条路径用到 {len(features)} 个特征 / tree {tree}: a path uses {', '.join(features)}"
        )


class NotMonotoneError(ModelsError):
    """A declared direction does not hold on the compiled tables, or cannot be proven to."""

    def __init__(self, feature: str, interval: int, log_odds: float, *, exact: bool = True) -> None:
        self.feature = feature
        self.interval = interval
        self.log_odds = log_odds
        self.exact = exact
        doubt = "" if exact else "；为下界，未能证明 / a bound: not proven"
        super().__init__(
            f"{feature} 从第 {interval} 段到下一段违反单调方向 {log_odds:.3g} / "
            f"{feature} breaks its direction from interval {interval} to the next by {log_odds:.3g} log-odds{doubt}"
        )


class FlatScorecardError(ModelsError):
    """The calibration never reaches the odds at which points are anchored."""

    def __init__(self, wanted: float, least: float, most: float) -> None:
        self.wanted = wanted
        self.least = least
        self.most = most
        super().__init__(
            f"校准后的对数几率仅在 {least:.3g} 与 {most:.3g} 之间，达不到基准 {wanted:.3g} / "
            f"calibrated log-odds stay within {least:.3g} and {most:.3g}: the anchor {wanted:.3g} is never reached"
        )


class ScorecardFormatError(ModelsError):
    """A scorecard text cannot be read back."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"评分卡文件无法读取：{reason} / the scorecard cannot be read: {reason}")


class UnknownModelVersionError(ModelsError):
    """The registry does not know the wanted model, version or alias."""

    def __init__(self, name: str, wanted: str) -> None:
        self.name = name
        self.wanted = wanted
        super().__init__(f"模型库中没有 {name} {wanted} / the registry has no {name} {wanted}")
