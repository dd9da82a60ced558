"""Credit and the lines of the ledger against the slow reference (rules 3, 5, 12, 13, 21)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import orjson
from hypothesis import event, given
from hypothesis import strategies as st

from audit.reference.credit import Figures, Known, figures
from pipeline.agents.crediting import BOOK_CODEC, Book
from pipeline.rules import credit
from pipeline.rules.changes import NOTHING_YET, Change, changes
from pipeline.rules.credit import OpeningBalance, Standing, standing
from pipeline.rules.programme import Catalogue, Programme
from pipeline.schemas.adjustments import AnyAdjustment
from pipeline.schemas.adjustments import OpeningBalance as OpeningBalanceRecord
from pipeline.schemas.ledger import LedgerEntry
from tests.generated.catalogues import catalogues
from tests.generated.profile import examples


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the crediting agent hears of, `at` a moment."""

    kind: str
    programme_id: str
    resource_id: str
    at: int


@st.composite
def facts(draw: st.DrawFn, catalogue: Catalogue, kinds: Sequence[str]) -> list[Fact]:
    """In the order in which they are heard of, which need not be that of their moments."""
    return draw(st.lists(st.builds(
        Fact, st.sampled_from(kinds), st.sampled_from([*catalogue.programmes]),
        st.sampled_from([*catalogue.resources]), st.integers(0, 20),
    ), max_size=16))


@st.composite
def openings(draw: st.DrawFn, catalogue: Catalogue) -> dict[tuple[str, str], tuple[int, int]]:
    places = [(p.id, c.id) for p in catalogue.programmes.values() for c in p.courses]
    balance = st.tuples(st.integers(0, 60), st.integers(0, 20))
    return draw(st.dictionaries(st.sampled_from(places), balance, max_size=2))


ALL = ("enrolled", "started", "done", "done", "done")


def note(book: Book, fact: Fact) -> None:
    if fact.kind == "enrolled":
        credit.enrol(book.account, fact.programme_id, fact.at)
    elif fact.kind == "started":
        credit.mark_started(book.account, fact.programme_id, fact.at)
    else:
        credit.mark_done(book.account, fact.programme_id, fact.resource_id, fact.at)


def opened(balances: dict[tuple[str, str], tuple[int, int]]) -> Book:
    book = Book()
    for (programme_id, course_id), (seconds, as_of) in balances.items():
        courses = book.account.openings.setdefault(programme_id, {})
        courses[course_id] = OpeningBalance(seconds, as_of)
    return book


def stored(book: Book) -> Book:
    return BOOK_CODEC.load(orjson.loads(orjson.dumps(BOOK_CODEC.dump(book))))


def known(some: Sequence[Fact], balances: dict[tuple[str, str], tuple[int, int]]) -> Known:
    moments: dict[tuple[str, str], list[int]] = {}
    for fact in some:
        if fact.kind == "done":
            moments.setdefault((fact.programme_id, fact.resource_id), []).append(fact.at)
    return Known(
        done={place: min(at) for place, at in moments.items()},
        enrolments=tuple((f.programme_id, f.at) for f in some if f.kind == "enrolled"),
        decisions=tuple(as_decision(*place, *balance) for place, balance in balances.items()),
    )


def as_decision(programme_id: str, course_id: str, seconds: int, as_of: int) -> AnyAdjustment:
    return OpeningBalanceRecord(
        adjustment_id=f"{programme_id}-{course_id}", teacher_id="t", programme_id=programme_id,
        by="office", reason="from the old system", at=as_of, course_id=course_id,
        seconds=seconds, as_of=as_of)


@examples()
@given(st.data(), catalogues(), st.sets(st.integers(0, 15)))
def test_rules_3_5_12_13_21_agree_with_the_reference_in_any_order(
    data: st.DataObject, catalogue: Catalogue, stored_after: set[int]
) -> None:
    balances = data.draw(openings(catalogue))
    heard = data.draw(facts(catalogue, ALL))
    book = opened(balances)
    for number, fact in enumerate(heard):
        note(book, fact)
        book = stored(book) if number in stored_after else book
    for programme in catalogue.programmes.values():
        result = as_figures(standing(programme, book.account))
        assert result == figures(programme, known(heard, balances))
        event("completed" if result.recognised else "not completed")


def as_figures(now: Standing) -> Figures:
    return Figures(
        learned={c.course_id: c.learned for c in now.courses},
        credited={c.course_id: c.credited for c in now.courses},
        recognised=now.recognised,
        completed_at=now.completed_at,
    )


@dataclass(slots=True)
class Page:
    """What a reader of the ledger knows of one teacher in one programme."""

    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    learned: dict[str, int] = field(default_factory=dict)
    moments: dict[str, int] = field(default_factory=dict)

    def read(self, line: Change) -> None:
        if line.course_id is None:
            self.moments[line.kind] = line.at
            return
        self.totals[line.course_id] = (line.learned, line.credited)
        self.learned[line.course_id] = self.learned.get(line.course_id, 0) + line.seconds


@examples()
@given(st.data(), catalogues())
def test_rule_13_the_lines_of_the_ledger_lead_to_the_standing(
    data: st.DataObject, catalogue: Catalogue
) -> None:
    """Completions come in the order of their moments, as the watching agent decides them: an
    earlier one that came later could take credit back, where an opening balance or ⚙ no credit
    before enrolment asks for its moment, and the ledger has no line for that.
    """
    book = opened(data.draw(openings(catalogue)))
    pages = {id_: Page() for id_ in catalogue.programmes}
    for programme in catalogue.programmes.values():
        for line in changes(NOTHING_YET, standing(programme, book.account), 0):
            pages[programme.id].read(line)
    for fact in with_completions_in_order(data.draw(facts(catalogue, ALL))):
        for programme_id, line in lines(catalogue, book, fact):
            as_entry(line, programme_id)
            pages[programme_id].read(line)
        for programme in catalogue.programmes.values():
            assert_page_shows(pages[programme.id], programme, book)


def with_completions_in_order(some: list[Fact]) -> list[Fact]:
    moments = iter(sorted(fact.at for fact in some if fact.kind == "done"))
    return [replace(f, at=next(moments)) if f.kind == "done" else f for f in some]


def lines(catalogue: Catalogue, book: Book, fact: Fact) -> Iterator[tuple[str, Change]]:
    programmes = credit.affected(catalogue, fact.programme_id)
    before = [standing(programme, book.account) for programme in programmes]
    note(book, fact)
    for programme, old in zip(programmes, before, strict=True):
        for line in changes(old, standing(programme, book.account), fact.at, fact.resource_id):
            yield programme.id, line


def as_entry(line: Change, programme_id: str) -> LedgerEntry:
    """The line on the wire. Raises ValidationError if the schema has no room for it."""
    return LedgerEntry(
        teacher_id="t", programme_id=programme_id, seq=1, kind=line.kind, at=line.at,
        course_id=line.course_id, resource_id=line.resource_id, seconds=line.seconds,
        learned=line.learned, credited=line.credited,
    )


def assert_page_shows(page: Page, programme: Programme, book: Book) -> None:
    now = standing(programme, book.account)
    for course in now.courses:
        assert page.totals.get(course.course_id, (0, 0)) == (course.learned, course.credited)
        assert page.learned.get(course.course_id, 0) == course.learned
    moments = {"enrolled": now.enrolled_at, "started": now.started_at,
               "completed": now.completed_at}
    assert page.moments == {kind: at for kind, at in moments.items() if at is not None}
