"""Invented Chinese names of people, units, villages and activities."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation.arrays import Flags, Ints, looked_up

SURNAMES = tuple(
    "陈林叶黄王李吴张郑周许曾徐朱潘杨蔡郭金胡刘庄施洪颜苏柯邱卢薛苗甘池谢董项余倪戴夏侯温章汪方何赵孙马高梁宋唐冯程曹彭萧田任姜范石姚谭廖邹熊陆郝孔白崔康毛江史顾邵孟龙万段钱汤尹易常武乔贺赖龚文"
)
_FEMALE = tuple("美丽秀英芳娟敏静霞燕玲桂兰红梅玉珍莲凤琴云爱香月娥雪婷雅晓慧娜倩琳萍洁妮珠碧蓉蕾薇怡佳欣思语诗涵梦瑶")
_MALE = tuple("伟强磊军勇杰涛明超海波辉刚建国平志文华斌鹏飞宇浩然子轩俊峰永贵福生松林海洋船帆德顺宏光荣昌振东立成家豪")
_ENTITY_HEADS = (
    "海霞",
    "东岙",
    "望海",
    "听潮",
    "蓝湾",
    "金沙",
    "渔港",
    "百岛",
    "鹿西",
    "半屏",
    "花岗",
    "晨曦",
    "顺风",
    "丰渔",
    "千帆",
    "星海",
    "归帆",
    "石厝",
    "潮声",
    "月亮湾",
)
_TRADE_TAILS = (
    "渔家乐",
    "民宿",
    "海鲜排档",
    "便利店",
    "水产经营部",
    "五金店",
    "渔具店",
    "养殖户",
    "冷冻加工坊",
    "小吃店",
)
_COMPANY_TAILS = (
    "渔业有限公司",
    "水产养殖有限公司",
    "文旅发展有限公司",
    "海洋科技有限公司",
    "建材有限公司",
    "物流有限公司",
)
ACTIVITIES = (
    "净滩行动",
    "敬老助浴",
    "海岛导览",
    "交通劝导",
    "渔港清洁",
    "图书整理",
    "台风值守",
    "垃圾分类宣传",
    "爱心送餐",
    "文明劝导",
)
TWO_GIVEN_SHARE = 0.86
_SURNAME_DECAY = 0.035


def surname_positions(rng: np.random.Generator, count: int) -> Ints:
    """Surnames by falling frequency, as on the islands: a few families are most of a village."""
    weights = np.exp(-_SURNAME_DECAY * np.arange(len(SURNAMES)))
    bounds = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(bounds, rng.random(count)), len(SURNAMES) - 1).astype(np.int64)


def full_names(rng: np.random.Generator, surname: Ints, male: Flags) -> pa.Array:
    """Surname and one or two given characters by sex."""
    first, second = _given(rng, male), _given(rng, male)
    two = pa.array(rng.random(len(surname)) < TWO_GIVEN_SHARE)
    return pc.binary_join_element_wise(looked_up(SURNAMES, surname), first, pc.if_else(two, second, ""), "")


def _given(rng: np.random.Generator, male: Flags) -> pa.Array:
    draws = rng.random(len(male))
    female = looked_up(_FEMALE, (draws * len(_FEMALE)).astype(np.int64))
    return pc.if_else(pa.array(male), looked_up(_MALE, (draws * len(_MALE)).astype(np.int64)), female)


def entity_names(rng: np.random.Generator, surname: Ints, company: Flags) -> pa.Array:
    """Names of units: place, family, trade."""
    head = looked_up(_ENTITY_HEADS, rng.integers(0, len(_ENTITY_HEADS), len(company)))
    trade = looked_up(_TRADE_TAILS, rng.integers(0, len(_TRADE_TAILS), len(company)))
    tail = looked_up(_COMPANY_TAILS, rng.integers(0, len(_COMPANY_TAILS), len(company)))
    return pc.binary_join_element_wise(
        "洞头模拟", head, looked_up(SURNAMES, surname), pc.if_else(pa.array(company), tail, trade), ""
    )
