"""Every kind of fault in programme files: what the one clear line about it says."""

from pathlib import Path

import pytest

from pipeline.rules.programme import Catalogue, ProgrammeError, Question
from pipeline.rules.programme_file import load_catalogue

GOOD = '''
id = "a"
name = "甲"
enrolled_through = []
pass_mark = 0.6
[window]
opens_at = 2023-07-14T00:00:00+08:00
closes_at = 2023-09-01T00:00:00+08:00
[clock]
max_rate = 2.0
[[courses]]
id = "c1"
name = "课一"
hours = 1
[[courses.resources]]
id = "r1"
kind = "video"
title = "视频"
duration_seconds = 2700
quizzes = [{ id = "q1", at_seconds = 2640, key = { "1" = "B", "2" = ["A", "C"] } }]
[[courses.resources]]
id = "r2"
kind = "text"
title = "文本"
duration_seconds = 300
[[courses]]
id = "c2"
name = "课二"
hours = 0
[[courses.resources]]
id = "r3"
kind = "video"
title = "视频二"
duration_seconds = 600
'''
HEIR = '''
id = "b"
name = "乙"
enrolled_through = ["a"]
[window]
opens_at = 2023-07-14T00:00:00+08:00
closes_at = 2023-09-01T00:00:00+08:00
[[courses]]
id = "c1"
hours = 1
shared_with = "a"
[[courses]]
id = "c9"
name = "课九"
hours = 0
[[courses.resources]]
id = "r3"
kind = "video"
title = "视频二"
duration_seconds = 600
'''


def load(folder: Path, **files: str) -> Catalogue:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def faults(folder: Path, **files: str) -> list[str]:
    """The lines about the files, without the folder's path."""
    with pytest.raises(ProgrammeError) as caught:
        load(folder, **files)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return [line.removeprefix(f"{folder}/") for line in caught.value.problems]


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def test_the_files_that_the_cases_start_from_are_good(tmp_path: Path) -> None:
    catalogue = load(tmp_path, a=GOOD, b=HEIR)
    quiz = catalogue.resources["r1"].quizzes[0]
    assert (quiz.at_ms, quiz.key) == (2_640_000, {"1": "B", "2": ("A", "C")})
    assert [place.programme.id for place in catalogue.listings["r3"]] == ["a", "b"]


def test_rules_1_6_9_10_16_17_21_28_what_is_left_out_has_the_rules_default(tmp_path: Path) -> None:
    programme = load(tmp_path, a=changed(GOOD, "pass_mark = 0.6\n", "")).programmes["a"]
    assert programme.window.late_arrival_ms == 24 * 3600 * 1000
    assert programme.seconds_per_hour == 2700
    assert (programme.gap_tolerance_ms, programme.tail_tolerance_ms) == (2000, 500)
    assert (programme.quiz_rule, programme.pass_mark) == ("passed", 0.6)
    assert programme.quiz_attempts is None
    assert (programme.clock.offline_grace_ms, programme.clock.slack_ms) == (7_200_000, 10_000)
    assert (programme.clock.max_rate, programme.ranking) == (200, False)
    assert programme.credit_before_enrolment


def test_rule_6_a_resource_may_be_worth_something_else(tmp_path: Path) -> None:
    text = changed(GOOD, "= 2700", "= 2700\ncredit_seconds = 2701")
    resource = load(tmp_path, a=text).resources["r1"]
    assert (resource.duration_ms, resource.credit_seconds) == (2_700_000, 2701)


def test_rule_10_attempts_may_be_limited(tmp_path: Path) -> None:
    text = changed(GOOD, "pass_mark = 0.6", "pass_mark = 0.6\nquiz_attempts = 1")
    assert load(tmp_path, a=text, b=HEIR).programmes["a"].quiz_attempts == 1
    assert load(tmp_path, a=text, b=HEIR).programmes["b"].quiz_attempts is None
    assert load(tmp_path, a=text.replace("attempts = 1", "attempts = 100")).programmes[
        "a"].quiz_attempts == 100


WORDED = '''
[[courses.resources.quizzes]]
id = "q1"
at_seconds = 2640
key = { "2" = ["A", "C"], "1" = "B" }
[courses.resources.quizzes.wording.1]
text = "对不对？"
choices = { A = "对", B = "不对" }
[courses.resources.quizzes.wording.2]
text = "有哪些？"
several = true
choices = { C = "丙", A = "甲", B = "乙" }
'''
QUIZZES = 'quizzes = [{ id = "q1", at_seconds = 2640, key = { "1" = "B", "2" = ["A", "C"] } }]\n'


def worded(old: str = "", new: str = "") -> str:
    """A good file whose quiz has a wording, with one change in it."""
    return changed(GOOD, QUIZZES, changed(WORDED, old, new) if old else WORDED)


def test_rule_10_a_quiz_may_have_its_wording(tmp_path: Path) -> None:
    """Questions in the key's order, choices in their own."""
    (quiz,) = load(tmp_path, a=worded()).resources["r1"].quizzes
    assert quiz.wording == {
        "1": Question("对不对？", {"A": "对", "B": "不对"}, False),
        "2": Question("有哪些？", {"C": "丙", "A": "甲", "B": "乙"}, True)}
    assert (list(quiz.wording), list(quiz.wording["2"].choices)) == (["2", "1"], ["C", "A", "B"])
    (tmp_path / "plain").mkdir()
    assert load(tmp_path / "plain", a=GOOD).resources["r1"].quizzes[0].wording == {}


def test_rule_10_whether_several_may_be_chosen_is_never_seen_from_the_key(tmp_path: Path) -> None:
    one_of_several = worded('"1" = "B"', '"1" = ["B"]')
    assert not load(tmp_path, a=one_of_several).resources["r1"].quizzes[0].wording["1"].several
    one_right = worded('["A", "C"]', '"A"')
    assert load(tmp_path, a=one_right).resources["r1"].quizzes[0].wording["2"].several


AT = "courses[0].resources[0].quizzes[0].wording"


@pytest.mark.parametrize(("old", "new", "line"), [
    ("wording.2", "wording.3", f"{AT}.2: missing: all questions of the key have a wording, "
     "or none has"),
    ("choices = { A", "choices = { B", None),  # no TOML: the same key twice
    ('text = "对不对？"\n', "", f"{AT}.1.text: missing; must be a text of 1 to 1000 characters"),
    ('"有哪些？"', '" "', f"{AT}.2.text: must be a text of 1 to 1000 characters, not ' '"),
    ("several = true", "many = true", f"{AT}.2.many: unknown key; known: choices, several, text"),
    ("several = true", "several = 1", f"{AT}.2.several: must be true or false, not 1"),
    ("several = true\n", "", f"{AT}.2.several: must be true, as the key has 2 right choices"),
    ('B = "不对"', 'C = "不对"', f"{AT}.1.choices: has no 'B', which the key says is right"),
    ('C = "丙", ', "", f"{AT}.2.choices: has no 'C', which the key says is right"),
    (', B = "不对"', "", f"{AT}.1.choices: must have 2 to 26 choices, not 1"),
    ('A = "对"', "A = 1", f"{AT}.1.choices.A: must be a text of 1 to 500 characters, not 1"),
    ('choices = { A = "对", B = "不对" }', "",
     f"{AT}.1.choices: must have 2 to 26 choices, not 0"),
    ('choices = { A = "对", B = "不对" }', 'choices = ["A"]',
     f"{AT}.1.choices: must be a table, not ['A']"),
])
def test_rule_10_what_may_be_wrong_with_a_wording(
    tmp_path: Path, old: str, new: str, line: str | None
) -> None:
    found = faults(tmp_path, a=worded(old, new))
    assert line is None or f"a.toml: {line}" in found
    assert line is not None or "not TOML" in found[0]


def test_rule_10_a_wording_of_a_question_that_the_key_has_not(tmp_path: Path) -> None:
    more = worded().replace("[[courses.resources]]\nid = \"r2\"", """
[courses.resources.quizzes.wording.3]
text = "多的"
choices = { A = "甲", B = "乙" }
[[courses.resources]]
id = "r2\"""")
    assert faults(tmp_path, a=more) == [
        f"a.toml: {AT}.3: no question of the key; known: 1, 2"]


def test_rule_12_two_files_agree_on_the_wording_too(tmp_path: Path) -> None:
    other = worded("对不对？", "是不是？").replace('id = "a"', 'id = "b"').replace("甲", "乙乙")
    (line,) = [one for one in faults(tmp_path, a=worded(), b=other) if "'r1'" in one]
    assert "differs in quizzes from that in" in line


def test_rule_17_a_rate_with_two_decimals(tmp_path: Path) -> None:
    assert load(tmp_path, a=changed(GOOD, "= 2.0", "= 1.15")).clock.max_rate == 115
    assert load(tmp_path, a=changed(GOOD, "= 2.0", "= 3")).clock.max_rate == 300


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_catalogue(tmp_path).programmes["a"].name == "甲"


ID = "1 to 64 letters, digits or ._:@- (ASCII)"
INSTANT = "an instant with its offset, as 2023-07-14T00:00:00+08:00"
TEXT = "a text of 1 to 200 characters"
ONE_FILE = [
    # typos
    ("hours = 1", "hours = 1\nhuors = 2", "courses[0].huors: unknown key; did you mean 'hours'?"),
    ("max_rate = 2.0", "max_rat = 2.0", "clock.max_rat: unknown key; did you mean 'max_rate'?"),
    ('name = "甲"', 'name = "甲"\nrankings = true',
     "rankings: unknown key; did you mean 'ranking'?"),
    ("[window]", "[window]\nxyz = 1",
     "window.xyz: unknown key; known: closes_at, late_arrival_seconds, opens_at"),
    ('id = "q1",', 'id = "q1", at = 3,', "courses[0].resources[0].quizzes[0].at: unknown key; "
     "known: at_seconds, id, key"),
    # missing
    ('name = "甲"\n', "", f"name: missing; must be {TEXT}"),
    ("hours = 0\n", "", "courses[1].hours: missing; must be a whole number from 0 to 1000"),
    ("duration_seconds = 600", "", "courses[1].resources[0].duration_seconds: missing; "
     "must be a whole number from 1 to 86400"),
    ('kind = "text"\n', 'kind = "text"\ncredit_seconds = 1\n',
     "courses[0].resources[1].credit_seconds: not for a text: it is tracked and credits nothing"),
    ("closes_at = 2023-09-01T00:00:00+08:00", "", f"window.closes_at: missing; must be {INSTANT}"),
    # wrong types
    ("hours = 1", 'hours = "x"',
     "courses[0].hours: must be a whole number from 0 to 1000, not 'x'"),
    ("hours = 1", "hours = true",
     "courses[0].hours: must be a whole number from 0 to 1000, not True"),
    ("hours = 1", "hours = 1.0",
     "courses[0].hours: must be a whole number from 0 to 1000, not 1.0"),
    ("pass_mark = 0.6", "pass_mark = true",
     "pass_mark: must be a number above 0 and up to 1, not True"),
    ('name = "甲"', "name = 3", f"name: must be {TEXT}, not 3"),
    ('name = "甲"', 'name = " "', f"name: must be {TEXT}, not ' '"),
    ('name = "甲"', 'name = "甲"\nranking = 0', "ranking: must be true or false, not 0"),
    ('name = "甲"', 'name = "甲"\nquiz = "done"',
     "quiz: must be 'passed' or 'completed', not 'done'"),
    ('kind = "text"', 'kind = "txt"',
     "courses[0].resources[1].kind: must be 'video' or 'text', not 'txt'"),
    ("enrolled_through = []", "enrolled_through = [1]",
     "enrolled_through: must be an array of different texts, not [1]"),
    ("quizzes = [{", "quizzes = [3, {",
     "courses[0].resources[0].quizzes[0]: must be a table, not 3"),
    ('key = { "1" = "B", "2" = ["A", "C"] }', "key = 3",
     "courses[0].resources[0].quizzes[0].key: must be a table, not 3"),
    ('"1" = "B"', '"1" = 2', f"courses[0].resources[0].quizzes[0].key.1: must be {TEXT}, not 2"),
    ('["A", "C"]', '["A", "A"]', "courses[0].resources[0].quizzes[0].key.2: "
     "must be an array of different texts, not ['A', 'A']"),
    ('["A", "C"]', "[]",
     "courses[0].resources[0].quizzes[0].key.2: must be an array of different texts, not []"),
    # out of range
    ("hours = 1", "hours = -1",
     "courses[0].hours: must be a whole number from 0 to 1000, not -1"),
    ("duration_seconds = 2700", "duration_seconds = 86401", "courses[0].resources[0]."
     "duration_seconds: must be a whole number from 1 to 86400, not 86401"),
    ("at_seconds = 2640", "at_seconds = 2701", "courses[0].resources[0].quizzes[0].at_seconds: "
     "must not lie beyond the video's end at 2700, not 2701"),
    ("at_seconds = 2640", "at_seconds = -1", "courses[0].resources[0].quizzes[0].at_seconds: "
     "must be a whole number from 0 to 86400, not -1"),
    ("pass_mark = 0.6", "pass_mark = 0",
     "pass_mark: must be a number above 0 and up to 1, not 0"),
    ("pass_mark = 0.6", "pass_mark = 1.01",
     "pass_mark: must be a number above 0 and up to 1, not 1.01"),
    ("pass_mark = 0.6", "pass_mark = nan",
     "pass_mark: must be a number above 0 and up to 1, not nan"),
    ("pass_mark = 0.6", "quiz_attempts = 0",
     "quiz_attempts: must be a whole number from 1 to 100, not 0"),
    ("pass_mark = 0.6", "quiz_attempts = 101",
     "quiz_attempts: must be a whole number from 1 to 100, not 101"),
    ("pass_mark = 0.6", "quiz_attempts = 1.0",
     "quiz_attempts: must be a whole number from 1 to 100, not 1.0"),
    ("pass_mark = 0.6", "quiz_attempts = true",
     "quiz_attempts: must be a whole number from 1 to 100, not True"),
    ("max_rate = 2.0", "max_rate = inf", "clock.max_rate: must be a number from 1 to 100, not inf"),
    ("max_rate = 2.0", "max_rate = 0.5", "clock.max_rate: must be a number from 1 to 100, not 0.5"),
    ("max_rate = 2.0", "max_rate = 1.999",
     "clock.max_rate: must have two decimals at most, not 1.999"),
    # ids
    ('id = "a"', 'id = "甲"', f"id: must be {ID}, not '甲'"),
    ('id = "r1"', 'id = "r 1"', f"courses[0].resources[0].id: must be {ID}, not 'r 1'"),
    ('id = "c1"', f'id = "{"x" * 65}"',
     f"courses[0].id: must be {ID}, not 'xxxxxxxxxxxx...xxxxxxxxxxxxx'"),
    ('id = "c2"', 'id = "c1"', "courses[1].id: 'c1' is already the id of courses[0]"),
    ('id = "r2"', 'id = "r1"',
     "courses[0].resources[1].id: 'r1' is already the id of courses[0].resources[0]"),
    ('id = "r3"', 'id = "r1"',
     "courses[1].resources[0].id: 'r1' is already the id of courses[0].resources[0]"),
    ("quizzes = [{", 'quizzes = [{ id = "q1", at_seconds = 1, key = { "1" = "A" } }, {',
     "courses[0].resources[0].quizzes[1].id: 'q1' is already the id of "
     "courses[0].resources[0].quizzes[0]"),
    # instants
    ("closes_at = 2023-09-01T00:00:00+08:00", "closes_at = 2023-09-01T00:00:00",
     f"window.closes_at: must be {INSTANT}, not 2023-09-01 00:00:00"),
    ("opens_at = 2023-07-14T00:00:00+08:00", "opens_at = 2023-07-14",
     f"window.opens_at: must be {INSTANT}, not 2023-07-14"),
    ("opens_at = 2023-07-14T00:00:00+08:00", 'opens_at = "2023-07-14T00:00:00+08:00"',
     f"window.opens_at: must be {INSTANT}, not '2023-07-14T00:00:00+08:00'"),
    ("opens_at = 2023-07-14T00:00:00+08:00", "opens_at = 1969-12-31T00:00:00Z",
     f"window.opens_at: must be {INSTANT}, not 1969-12-31 00:00:00+00:00"),
    ("closes_at = 2023-09-01T00:00:00+08:00", "closes_at = 2023-07-14T00:00:00+08:00",
     "window.closes_at: must be after opens_at"),
    # empty
    ('{ "1" = "B", "2" = ["A", "C"] }', "{}",
     "courses[0].resources[0].quizzes[0].key: must have 1 to 100 questions, not 0"),
    (', key = { "1" = "B", "2" = ["A", "C"] }', "",
     "courses[0].resources[0].quizzes[0].key: must have 1 to 100 questions, not 0"),
    ('"1" = "B"', f'{"q" * 65} = "B"', "courses[0].resources[0].quizzes[0].key: "
     "must not have a question's name longer than 64 characters"),
    # what nobody could finish
    ("hours = 1", "hours = 2",
     "courses[0].hours: requires 5400 s, but its resources are worth only 2700 s"),
]


@pytest.mark.parametrize(("old", "new", "line"), ONE_FILE)
def test_a_fault_of_one_file(tmp_path: Path, old: str, new: str, line: str) -> None:
    found = faults(tmp_path, a=changed(GOOD, old, new))
    assert found == [f"a.toml: {line}"]


@pytest.mark.parametrize("head", ["courses = []\n", "courses = 3\n", ""])
def test_a_programme_without_courses(tmp_path: Path, head: str) -> None:
    [line] = faults(tmp_path, a=head + GOOD.split("[[courses]]", maxsplit=1)[0])
    assert line.startswith("a.toml: courses: m")
    assert "must be an array of one table or more" in line


def test_a_course_without_resources(tmp_path: Path) -> None:
    text = GOOD + '[[courses]]\nid = "c3"\nname = "课三"\nhours = 0\nresources = []\n'
    assert faults(tmp_path, a=text) == [
        "a.toml: courses[2].resources: must be an array of one table or more, not []"]


TWO_FILES = [
    ('shared_with = "a"', 'shared_with = "A"',
     "courses[0].shared_with: there is no other programme 'A'; known: a"),
    ('shared_with = "a"', 'shared_with = "b"',
     "courses[0].shared_with: there is no other programme 'b'; known: a"),
    ('shared_with = "a"', "shared_with = 1", f"courses[0].shared_with: must be {ID}, not 1"),
    ('id = "c1"', 'id = "c11"',
     "courses[0].id: there is no course 'c11' in 'a'; did you mean 'c1'?"),
    ('shared_with = "a"', 'shared_with = "a"\nname = "课"',
     "courses[0].name: comes from the course in 'a'"),
    ('shared_with = "a"', 'shared_with = "a"\nresources = []',
     "courses[0].resources: comes from the course in 'a'"),
    ('enrolled_through = ["a"]', 'enrolled_through = ["a", "2022"]',
     "enrolled_through[1]: there is no other programme '2022'; known: a"),
    ('enrolled_through = ["a"]', 'enrolled_through = ["b"]',
     "enrolled_through[0]: there is no other programme 'b'; known: a"),
    ("[[courses]]", "[clock]\nslack_seconds = 11\n[[courses]]",
     "clock: differs from the one in {a}; a teacher has one wall clock"),
    ("duration_seconds = 600", "duration_seconds = 601", "courses[1].resources[0]: 'r3' differs in "
     "duration_ms, credit_seconds from that in {a}"),
    ('id = "b"', 'id = "a"', "id: 'a' is already the id in {a}"),
    ("hours = 1", "hours = 2",
     "courses[0].hours: requires 5400 s, but its resources are worth only 2700 s"),
    ('id = "c1"', 'id = "c2"', "courses[1]: 'r3' is already in course 'c2'"),
]


@pytest.mark.parametrize(("old", "new", "line"), TWO_FILES)
def test_a_fault_between_two_files(tmp_path: Path, old: str, new: str, line: str) -> None:
    found = faults(tmp_path, a=GOOD, b=changed(HEIR, old, new))
    assert f"b.toml: {line.format(a=tmp_path / 'a.toml')}" in found


def test_rule_5_a_course_is_shared_with_the_programme_it_stands_in(tmp_path: Path) -> None:
    third = changed(changed(HEIR, 'id = "b"', 'id = "c"'), 'shared_with = "a"', 'shared_with = "b"')
    assert faults(tmp_path, a=GOOD, b=HEIR, c=third) == [
        "c.toml: courses[0].shared_with: must name the course's own programme, 'a'"]


def test_rules_5_21_an_earlier_programme_whose_file_is_not_there(tmp_path: Path) -> None:
    assert faults(tmp_path, b=HEIR) == [
        "b.toml: courses[0].shared_with: there is no other programme 'a'; none is known",
        "b.toml: enrolled_through[0]: there is no other programme 'a'; none is known"]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    bad = changed(changed(GOOD, "hours = 1", "hours = -1"), 'name = "课二"', "name = 2")
    found = faults(tmp_path, a=bad, b=changed(HEIR, 'name = "乙"', ""), c="x")
    assert [line.split(": must")[0].split(": missing")[0] for line in found[:-1]] == [
        "a.toml: courses[0].hours", "a.toml: courses[1].name", "b.toml: name"]
    assert found[-1].startswith("c.toml: not TOML: ")


@pytest.mark.parametrize(("data", "line"), [
    (b'id = "a"\nid = "b"\n', "a.toml: not TOML: Cannot overwrite a value (at line 2, column 9)"),
    ('name = "甲"\n'.encode("gb18030"), "a.toml: byte 8: must be UTF-8; save it as UTF-8"),
    (b"n = " + b"9" * 5000, "a.toml: not TOML: Exceeds the limit"),
])
def test_a_file_that_is_no_toml(tmp_path: Path, data: bytes, line: str) -> None:
    (tmp_path / "a.toml").write_bytes(data)
    [found] = faults(tmp_path)
    assert found.startswith(line)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    assert faults(tmp_path) == ["a.toml: cannot be read: Is a directory"]


def test_a_folder_without_files_and_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".#a.toml").write_text("an editor's lock", encoding="utf-8")
    assert faults(tmp_path) == [f"{tmp_path}: no programme file (*.toml) in it"]
    with pytest.raises(ProgrammeError, match="none: no such folder; it should hold the programme"):
        load_catalogue(tmp_path / "none")


def instead(folder: Path, *texts: str) -> Catalogue:
    """The good files of the folder, with others read in their place."""
    folder.mkdir(exist_ok=True)
    load(folder, a=GOOD, b=HEIR)
    paths = [folder.parent / f"instead-{number}.toml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return load_catalogue(folder, paths)


def test_rule_7_a_file_may_be_read_in_place_of_the_one_with_its_id(tmp_path: Path) -> None:
    catalogue = instead(tmp_path / "p", changed(GOOD, "hours = 1", "hours = 0"))
    assert set(catalogue.programmes) == {"a", "b"}
    assert catalogue.programmes["a"].required_seconds == 0
    assert catalogue.programmes["b"].required_seconds == 2700
    shared = instead(tmp_path / "p", changed(GOOD, "at_seconds = 2640", "at_seconds = 2600"))
    assert shared.programmes["b"].courses[0].resources[0].quizzes[0].at_ms == 2_600_000


@pytest.mark.parametrize(("texts", "line"), [
    ([changed(GOOD, 'id = "a"', 'id = "c"')],
     "instead-0.toml: id: there is no programme 'c' to be read in its place; known: a, b"),
    ([GOOD, GOOD], "instead-1.toml: id: 'a' is already the id in "),
    ([changed(GOOD, "max_rate = 2.0", "max_rate = 1.5")],
     "clock: differs from the one in "),
    ([changed(GOOD, "hours = 1", "hours = 9")],
     "instead-0.toml: courses[0].hours: requires 24300 s"),
    ([changed(GOOD, "hours = 1", "hours = x")], "instead-0.toml: not TOML"),
])
def test_what_is_read_instead_is_checked_like_the_rest(
    tmp_path: Path, texts: list[str], line: str
) -> None:
    with pytest.raises(ProgrammeError) as caught:
        instead(tmp_path / "p", *texts)
    assert any(line in problem for problem in caught.value.problems), caught.value
