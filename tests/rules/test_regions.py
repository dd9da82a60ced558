"""Rule 20: region codes, and the list of regions that comes with the project."""

from collections import Counter
from pathlib import Path

import pytest

from pipeline.rules import regions
from pipeline.rules.regions import RegionError, load_regions

GBT2260 = Path(__file__).parents[2] / "data" / "gbt2260.csv"


@pytest.fixture(scope="module")
def names() -> dict[str, str]:
    return load_regions(GBT2260)


@pytest.mark.parametrize(("code", "level", "ancestors", "prefix"), [
    ("110000", "province", (), "11"),
    ("110100", "city", ("110000",), "1101"),
    ("110101", "county", ("110000", "110100"), "110101"),
    ("469001", "county", ("460000", "469000"), "469001"),
    ("441900", "city", ("440000",), "4419"),
    ("100000", "province", (), "10"),
])
def test_rule_20_digits_say_where_a_region_lies(
    code: str, level: str, ancestors: tuple[str, ...], prefix: str
) -> None:
    assert regions.level(code) == level
    assert regions.ancestors(code) == ancestors
    assert regions.prefix(code) == prefix
    assert regions.province(code) == f"{code[:2]}0000"


def test_rule_20_city_of_a_county_and_of_a_city() -> None:
    assert regions.city("110101") == regions.city("110100") == "110100"
    with pytest.raises(RegionError, match="'110000' is a province"):
        regions.city("110000")


@pytest.mark.parametrize(("region", "code", "inside"), [
    ("440000", "441900", True),
    ("441900", "441900", True),
    ("110100", "110101", True),
    ("110101", "110101", True),
    ("110101", "110100", False),
    ("110100", "110000", False),
    ("120000", "110101", False),
    ("110100", "110201", False),
])
def test_rule_20_contains(region: str, code: str, inside: bool) -> None:
    assert regions.contains(region, code) is inside


@pytest.mark.parametrize("code", [
    "", "11", "1101", "11010", "1101011", "010101", "11010a", " 110101", "110101\n",
    "１１０１０１", "-10101", "110001",
])
def test_rule_20_other_codes_are_refused_everywhere(code: str) -> None:
    for use in (regions.level, regions.province, regions.city, regions.ancestors, regions.prefix):
        with pytest.raises(RegionError, match="six digits"):
            use(code)
    with pytest.raises(RegionError, match="six digits"):
        regions.contains("110000", code)
    with pytest.raises(RegionError, match="six digits"):
        regions.contains(code, "110101")


def test_the_list_has_all_three_levels(names: dict[str, str]) -> None:
    counts = Counter(map(regions.level, names))
    assert counts == {"province": 31, "city": 342, "county": 2975}
    assert list(names) == sorted(names)


@pytest.mark.parametrize(("code", "name"), [
    ("110000", "北京市"), ("110100", "市辖区"), ("110101", "东城区"),
    ("500200", "县"), ("419000", "省直辖县级行政区划"), ("419001", "济源市"),
    ("429021", "神农架林区"), ("469001", "五指山市"), ("659001", "石河子市"),
    ("620201", "嘉峪关市"), ("441900", "东莞市"), ("650000", "新疆维吾尔自治区"),
])
def test_the_list_has_real_names(names: dict[str, str], code: str, name: str) -> None:
    assert names[code] == name


def test_rule_20_every_county_lies_in_a_listed_city_and_province(names: dict[str, str]) -> None:
    counties = [code for code in names if regions.level(code) == "county"]
    assert {regions.city(code) for code in counties} <= names.keys()
    assert {regions.province(code) for code in counties} <= names.keys()


def test_rule_20_cities_without_counties_seat_schools_themselves(names: dict[str, str]) -> None:
    seats = regions.seats(names)
    assert [code for code in seats if regions.level(code) == "city"] == [
        "441900", "442000", "460400"]
    assert len(seats) == 2975 + 3
    assert {regions.city(code) for code in seats} == {
        code for code in names if regions.level(code) == "city"}


@pytest.mark.parametrize(("text", "fault"), [
    ("", "must begin with the line code,name"),
    ("code,name\n", "must begin with the line code,name"),
    ("110000,北京市\n110100,市辖区\n", "must begin with the line code,name"),
    ("code,name\n11,北京市\n", ":2: '11' is no region code"),
    ("code,name\n110000,北京市\n110000,北京市\n", ":3: 110000 is listed already"),
    ("code,name\n110000\n", ":2: must be a code and a name"),
    ("code,name\n110000, \n", ":2: must be a code and a name"),
    ("code,name\n110000,北京市\n110101,东城区\n", "110101 lies in 110100, not listed"),
])
def test_a_broken_list_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegionError) as caught:
        load_regions(path)
    assert str(caught.value).startswith(str(path))
    assert fault in str(caught.value)


def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_bytes("code,name\n110000,北京市\n".encode("gb18030"))
    with pytest.raises(RegionError, match="cannot be read as a UTF-8 CSV file"):
        load_regions(path)
    with pytest.raises(RegionError, match="cannot be read as a UTF-8 CSV file"):
        load_regions(tmp_path / "none.csv")
