"""The bases on which a class of records may be collected, as the contracts quote them.

[V] read in a public source, [M] from memory and to be checked before it is shown as a fact.
"""

DOCUMENTED = "国办发〔2020〕49号：生效文书，公共信用信息目录内 [V]"
COURT = "生效裁判文书，公共信用信息目录内；国办发〔2020〕49号 [V]"
RESTORATION = "信用修复管理办法（国家发展改革委2026年4月1日起施行）[V]"
ENROLLED = "本人开通诚信文明分时的同意；个人信息保护法第13条 [M]"
CONSENTED = "本人对该数源的单独同意；个人信息保护法第13、23条 [M]"
SELF_GOVERNMENT = "村规民约、本户成年成员同意；个人信息保护法第13条 [M]"
NO_PERSON = "不含个人信息"
REGISTER = "户籍登记、市场主体登记的法定职责"
APPEAL = "本人的异议与更正：民法典第1029条、征信业管理条例第25条 [M]"
LEDGER = "个人信息保护法第14条：同意与撤回的记录 [M]"
