"""Columns that several sources share, under the header each writes."""

from loan_service.district.contracts.columns import Kind, SourceColumn


def record_no(header: str = "记录编号") -> SourceColumn:
    """The agency's own number: the natural key within the source."""
    return SourceColumn(field="record_no", header=header, required=True)


def record_class(header: str = "类别") -> SourceColumn:
    """The record class; unknown ones are an error, banned ones never land."""
    return SourceColumn(field="record_class", header=header, required=True, screened=True)


def person(number: str = "身份证号", name: str = "姓名", *, required: bool = False) -> tuple[SourceColumn, ...]:
    """Identity number and name of a person."""
    return (
        SourceColumn(field="id_number", header=number, kind=Kind.IDENTITY, personal=True, required=required),
        SourceColumn(field="name", header=name, personal=True, required=required),
    )


def unit(code: str = "统一社会信用代码", name: str = "单位名称") -> tuple[SourceColumn, ...]:
    """Unified social credit code and name of a unit; both are public."""
    return (
        SourceColumn(field="uscc", header=code, kind=Kind.IDENTITY),
        SourceColumn(field="entity_name", header=name),
    )


def day(field: str, header: str, *, past: bool = True, required: bool = False) -> SourceColumn:
    """A date; unless said otherwise it cannot lie after the delivery."""
    return SourceColumn(field=field, header=header, kind=Kind.DAY, past=past, required=required)


def documents(
    headers: tuple[str, ...] = ("文书类型", "文书号", "生效日期", "目录编号", "告知日期"),
) -> tuple[SourceColumn, ...]:
    """What every negative record must show."""
    kind, number, effective, catalogue, notice = headers
    return (
        SourceColumn(field="document_class", header=kind, screened=True),
        SourceColumn(field="document_no", header=number),
        day("effective_from", effective),
        SourceColumn(field="catalogue_item", header=catalogue),
        day("notice_served_on", notice),
    )


def related_record_no(header: str = "关联记录编号", *, optional: bool = False) -> SourceColumn:
    """The earlier record of the same source that this one is about: ends, undoes, appeals against or corrects."""
    return SourceColumn(field="related_record_no", header=header, optional=optional)


def text(field: str, header: str, *, required: bool = False, choices: tuple[str, ...] = ()) -> SourceColumn:
    """A plain text."""
    return SourceColumn(field=field, header=header, required=required, choices=choices)
