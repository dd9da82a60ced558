"""Which lists of teachers there are: 未报名, 未结业, 结业未认证 … (rule 27)."""

from dataclasses import dataclass

from warehouse.figures import Row as Figures

# By `funnel` of the table `standing`; a shape with every word (rule 26).
STAGES = ("○ 未注册", "○ 未报名", "○ 已报名，未开始", "◐ 学习中", "✔ 已结业，未认证", "✔ 已获证书")


@dataclass(frozen=True, slots=True)
class NameList:
    """Those who reached the stage `reached` of the funnel but not `missed`; '' misses nothing.

    `stages`: the same by the numbers of the column `funnel` in the table `standing`.
    """

    id: str
    name: str
    stages: tuple[int, ...]
    reached: str
    missed: str = ""

    def count(self, figures: Figures) -> int:
        """How many of a place are on the list, by its figures."""
        return figures.stages[self.reached] - (figures.stages[self.missed] if self.missed else 0)


NAME_LISTS = (
    NameList("", "全部在册", (0, 1, 2, 3, 4, 5), "on_roster"),
    NameList("not_enrolled", "未报名", (0, 1), "on_roster", "enrolled"),
    NameList("not_started", "已报名未开始", (2,), "enrolled", "started"),
    NameList("learning", "学习中", (3,), "started", "completed"),
    NameList("not_completed", "未结业", (0, 1, 2, 3), "on_roster", "completed"),
    NameList("unverified", "结业未认证", (4,), "completed", "verified"),
    NameList("certificate", "已获证书", (5,), "certificate"),
)


def name_list(id_: str) -> NameList:
    """The list of that id; everybody if there is no such list."""
    return next((one for one in NAME_LISTS if one.id == id_), NAME_LISTS[0])
