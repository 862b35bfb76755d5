"""Every mistake in a company file is told with its line and field."""

from pathlib import Path

import pytest

from askwatch.cli.company import demonstration
from askwatch.cli.company_file import CompanyFileError, parse_company, read_company
from askwatch.errors import ConfigurationError

GOOD = """\
[company]
name = "Fjordlys"

[policies.routing]
timeout_normal_s = 600

[[topics]]
id = "identity"
name = "Identity"
phrases = ["Keycloak"]

[[topics]]
id = "hosting"
name = "Hosting"
wants = "both"

[[experts]]
id = "mette"
name = "Mette Holm"
email = "mette@example.com"
topics = ["identity"]

[experts.hours]
mon = ["08:00-12:00", "13:00-17:00"]

[[sources]]
id = "forum"
kind = "feed"
name = "Forum"
url = "https://forum.example.org/latest.rss"

[sources.permission]
permission_basis = "public feed"
approved_by = "Astrid"
approved_on = 2026-01-05
"""


def faults_of(text: str) -> tuple[str, ...]:
    with pytest.raises(CompanyFileError) as caught:
        parse_company(text, "company.toml")
    return caught.value.faults


def test_a_good_file_says_topics_experts_sources_and_policies() -> None:
    company = parse_company(GOOD, "company.toml")
    assert [topic.topic_id for topic in company.topics] == ["identity", "hosting"]
    (expert,) = company.experts
    assert expert.hours == {"mon": ("08:00-12:00", "13:00-17:00")}
    (source,) = company.sources
    assert source.permission is not None
    assert source.permission.approved_by == "Astrid"
    assert company.policies["routing"] == {"timeout_normal_s": 600}
    assert company.policies["company"] == {"name": "Fjordlys"}


def test_the_demonstration_company_is_good_and_always_reachable() -> None:
    company = demonstration()
    on_duty = [expert for expert in company.experts if expert.is_on_duty]
    for topic in company.topics:
        assert sum(topic.topic_id in expert.topics for expert in on_duty) >= 2, topic.topic_id


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "hosting"', 'id = "Hos ting"', "line 13, topics.id: String should match"),
        ('id = "hosting"', 'id = "identity"', "line 13, topics.id: 'identity' is there"),
        ('wants = "both"', 'wants = "all"', "line 15, topics.wants: Input should be"),
        ('wants = "both"', "nope = 1", "line 15, topics.nope: Extra inputs are not permitted"),
        ('topics = ["identity"]', 'topics = ["x"]', "line 21, experts.topics: mette: there is"),
        ("08:00-12:00", "8-12", "line 23, experts.hours: '8-12' is no interval"),
        ("mon =", "monday =", "line 23, experts.hours: 'monday' is no weekday"),
        ("2026-01-05", '"soon"', "line 35, sources.permission.approved_on: Input should be"),
        ('url = "https://', 'url = "ftp://', "line 30, sources.url: a feed needs an address"),
        ('kind = "feed"', 'kind = "hand_in"', "line 27, sources.id: the hand-in source is always"),
        ('name = "Hosting"\n', "", "line 12, topics.name: Field required"),
        ("[company]", "[firm]", "line 1, firm: unknown section"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_and_field(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    faults = faults_of(GOOD.replace(old, new, 1))
    assert any(each.startswith(fault) for each in faults), faults


def test_all_mistakes_are_told_at_once() -> None:
    faults = faults_of(GOOD.replace('wants = "both"', "a = 1").replace("2026-01-05", "1"))
    assert len(faults) == 2


def test_wrong_shapes_are_told() -> None:
    assert faults_of("topics = 3") == ("line 1, topics: must be written as [[topics]]",)
    assert faults_of("policies = 3") == ("line 1, policies: must be written as [policies.NAME]",)
    assert faults_of("company = 3") == ("line 1, company: must be written as [company]",)


def test_what_is_no_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    path.write_text("[[topics]\n")
    with pytest.raises(CompanyFileError, match=r"not TOML: .*line 1"):
        read_company(path)
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(CompanyFileError, match="not UTF-8 at byte 8"):
        read_company(path)
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_company(tmp_path / "nowhere.toml")


def test_many_mistakes_are_cut_short() -> None:
    text = "".join(f'[[topics]]\nid = "t{n}"\n' for n in range(30))
    with pytest.raises(CompanyFileError, match="and 10 more"):
        parse_company(text, "company.toml")
