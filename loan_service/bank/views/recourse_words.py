"""How bank-side steps are told: plain words, short sentences, hedged where nobody can promise."""

from collections.abc import Iterator, Mapping
from typing import Final

from models.recourse_answer import Path, Terms
from models.terms import percent_told, yuan_told
from models.terms_errors import Words
from models.yearly_cost import yearly_interest_fen

_PLAIN: Final = {
    "wait": Words("等着就行，什么都不用做。", "Wait: nothing is needed."),
    "bureau_authorised": Words("同意银行查征信。", "Let the bank ask the credit bureau."),
    "income_authorised": Words("同意银行查收入。", "Let the bank see the household's income."),
}

_NO_PROMISE: Final = Words("这一条不能保证。", "This is no promise.")


def sentence_of(path: Path, titles: Mapping[str, Words]) -> Words:
    """What is done; `titles` names the purposes."""
    amount, title = path.move.amount, titles[path.terms.purpose]
    match path.move.kind:
        case "debt_repaid":
            return _repaid(path)
        case "longer_term":
            return Words(f"期限改成 {amount} 个月。", f"Ask for a term of {amount} months.")
        case "smaller_line":
            return Words(f"少借 {yuan_told(amount)} 元。", f"Borrow {yuan_told(amount)} yuan less.")
        case "other_purpose":
            return Words(
                f"钱真的用于{title.zh}，就按这个用途申请。", f"If it is really for {title.en}, apply for that."
            )
        case "arrears_lapsed":
            return Words(
                f"按时还款；最多再等 {amount} 个月，旧的逾期不再计。",
                f"Pay on time; after {amount} months at most the old arrears no longer count.",
            )
        case kind:
            return _PLAIN[kind]


def _repaid(path: Path) -> Words:
    amount = yuan_told(path.move.amount)
    if any(path.move.changes.values()):
        return Words(
            f"户内敞口（家里信用借款合计）还掉 {amount} 元。",
            f"Repay {amount} yuan of the household exposure (all its unsecured debts elsewhere).",
        )
    return Words(
        f"户内敞口（家里信用借款合计）还清：{amount} 元。",
        f"Repay all household exposure (unsecured debts elsewhere): {amount} yuan.",
    )


def outcome_of(path: Path, today: Terms) -> list[Words]:
    """What comes of a step: hedged where it hangs on what the bank would see, small where it is small."""
    if path.move.kind == "wait":
        return [Words("条件不会因此变差。", "Nothing gets worse by it.")]
    if path.move.kind == "smaller_line":
        return list(_left(path))
    return [*_hedged(path), *_terms_then(path, today), *_worth(path, today), *_price_of(path)]


def _left(path: Path) -> Iterator[Words]:
    month, more = path.month, yuan_told(path.left_more_fen)
    yield Words(
        f"年景差时，最紧的 {month} 月能多留 {more} 元。",
        f"In a bad year the tightest month, month {month}, keeps {more} yuan more.",
    )
    less = yuan_told(yearly_interest_fen(path.move.amount, path.terms.rate_bp))
    yield Words(f"没借的钱不付利息：一年 {less} 元。", f"What is not borrowed costs nothing: {less} yuan a year.")
    yield Words("银行的答复和利率不变。", "Decision and rate stay.")


def _hedged(path: Path) -> list[Words]:
    amount = path.move.amount
    match path.move.kind:
        case "bureau_authorised" if path.holds_until_fen:
            debt = path.holds_until_fen
            return [
                _NO_PROMISE,
                Words(
                    f"查到的户内敞口不超过 {yuan_told(debt)} 元，条件会变好；再多就不一定。",
                    f"Terms get better up to a household exposure of {yuan_told(debt)} yuan; beyond it they may not.",
                ),
                Words("户内敞口为零的话：", "If household exposure is nil:"),
            ]
        case "bureau_authorised":
            only = Words("查到户内敞口为零，条件才会变好。", "Terms get better only if household exposure is nil.")
            return [_NO_PROMISE, only]
        case "income_authorised":
            return [
                _NO_PROMISE,
                Words(
                    f"查到一年收入满 {yuan_told(amount)} 元，才可能有额度。",
                    f"An offer becomes possible from {yuan_told(amount)} yuan of yearly income on.",
                ),
                Words("刚好这么多的话：", "With just that much:"),
            ]
        case _:
            return []


def _terms_then(path: Path, today: Terms) -> list[Words]:
    then = path.terms
    if "decision" in path.better and then.decision == "refer":
        return [Words("那时由银行的人来看。", "A person at the bank then looks at it.")]
    if "decision" in path.better:
        limit, rate = yuan_told(then.limit_fen), percent_told(then.rate_bp)
        return [
            Words(
                f"那时可以预授信 {limit} 元，年利率 {rate}。",
                f"An offer of {limit} yuan at {rate} a year is then possible.",
            )
        ]
    told = []
    if "rate" in path.better:
        told.append(
            Words(
                f"年利率从 {percent_told(today.rate_bp)} 降到 {percent_told(then.rate_bp)}。",
                f"The yearly rate falls from {percent_told(today.rate_bp)} to {percent_told(then.rate_bp)}.",
            )
        )
    if "line" in path.better:
        told.append(
            Words(
                f"额度从 {yuan_told(today.limit_fen)} 元到 {yuan_told(then.limit_fen)} 元。",
                f"The line goes from {yuan_told(today.limit_fen)} to {yuan_told(then.limit_fen)} yuan.",
            )
        )
    return told


def _worth(path: Path, today: Terms) -> list[Words]:
    saved = path.saved_fen
    if saved is None:
        return []
    if not saved:
        return [Words("利率不变，一年省 0 元。", "The rate stays: nothing is saved in a year.")]
    used = yuan_told(today.baseline_limit_fen)
    told = Words(
        f"借 {used} 元用满一年，少付 {yuan_told(saved)} 元。",
        f"Of {used} yuan owed for a whole year: {yuan_told(saved)} yuan less.",
    )
    little = Words("一年不到 100 元，省得不多。", "Under 100 yuan a year: it saves little.")
    return [told, little] if path.worth_little else [told]


def _price_of(path: Path) -> list[Words]:
    if path.move.kind == "longer_term":
        return [Words("还得久，总利息会多。", "Over a longer time more interest is paid in all.")]
    if path.move.kind == "debt_repaid" and "rate" in path.same:
        return [Words("敞口减少，额度才多出来，不必借满。", "The line grows because debts fall; no need to use it.")]
    return []
