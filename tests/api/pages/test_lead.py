"""One question, and what is decided about it by plain forms."""

import pytest

from askwatch.model.ids import ExpertId, LeadId
from askwatch.state.feedback import list_taps
from askwatch.state.leads import find_lead
from tests.api.conftest import World
from tests.api.pages.conftest import SignIn, form_token
from tests.api.rows import NOW, TEXT, put_lead, set_lead

PAGE = "/questions/lead-1"


def state_of(world: World, lead_id: str = "lead-1") -> str:
    return world.database.read(lambda tx: find_lead(tx, LeadId(lead_id))).state.value


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("Someone is asking about Plumbing", "Also told", "waiting", "Pass on", "Snooze")),
        ("da", ("Nogen spørger om VVS", "Også spurgt", "venter", "Giv videre", "Udsæt")),
    ],
)
def test_a_question_shows_the_post_and_why(
    browse: SignIn, locale: str, words: tuple[str, ...]
) -> None:
    page = browse("astrid", locale).get(PAGE).text
    for each in words:
        assert each in page
    assert "<mark" in page
    assert "Kender nogen</mark> en god VVS&#39;er i Aarhus?" in page
    assert 'href="https://example.com/1" rel="noopener noreferrer" target="_blank"' in page
    assert "Bo" in page
    assert "Aarhus" in page


REASONS = [
    {"kind": "vendor_ask", "text": "Kender nogen en god VVS'er", "start": 0, "end": 26,
     "weight": 2.0},
    {"kind": "business", "text": "Vi er 40 ansatte", "start": 37, "end": 53, "weight": 0.7},
    {"kind": "role", "text": "VVS'er", "start": 20, "end": 26, "weight": 0.1},
    {"kind": "offer", "text": "<b>tilbud</b> " + "og mere " * 30, "start": 0, "end": 3,
     "weight": -0.4},
    {"kind": "topic:plumbing", "text": "VVS'er", "start": 20, "end": 26, "weight": 3.0},
]  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "said", "against", "sure"),
    [
        ("en", ("asks others for a supplier", "speaks for a business", "names a role",
                "names the topic Plumbing"),
         "against it:</span> offers something itself", "How sure that somebody asks"),
        ("da", ("spørger andre efter en leverandør", "taler på en virksomheds vegne",
                "nævner en stilling", "nævner emnet VVS"),
         "imod:</span> tilbyder selv noget", "Hvor sikkert det er"),
    ],
)  # fmt: skip
def test_a_question_tells_all_reasons_in_words_and_a_card_the_first(
    browse: SignIn, asked: World, locale: str, said: tuple[str, ...], against: str, sure: str
) -> None:
    asked.database.write(lambda tx: set_lead(tx, "lead-1", {"reasons": REASONS}))
    client = browse("astrid", locale)
    why = client.get(PAGE).text.partition('<details class="why">')[2]
    places = [why.index(each) for each in (*said[:3], against, sure)]
    assert places[:3] == sorted(places[:3])
    assert said[3] in why
    assert against in why
    assert "90" in why[places[-1] :]
    assert "test-1" in why[places[-1] :]
    assert "&lt;b&gt;tilbud&lt;/b&gt;" in why
    assert " … " in why
    _, _, row = client.get("/").text.partition('<ul class="row-reasons">')
    row = row.partition("</ul>")[0]
    assert row.count("<li>") == 3
    assert said[0] in row
    assert said[1] in row
    assert against in row


def test_opening_a_question_counts_as_having_seen_it(browse: SignIn, asked: World) -> None:
    browse("astrid").get(PAGE)
    browse("omar").get(PAGE)
    assert asked.decisions.calls == [("mark_seen", "lead-1", "astrid")]


def test_a_question_is_taken_by_a_plain_form(browse: SignIn, asked: World) -> None:
    client = browse("astrid")
    del client.headers["X-CSRF-Token"]
    token = form_token(client.get(PAGE).text)
    done = client.post(f"{PAGE}/claim", data={"csrf_token": token})
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    page = client.get(PAGE).text
    assert "It is yours. The others know." in page
    assert "Have you answered?" in page
    assert "It is yours. The others know." not in client.get(PAGE).text
    assert state_of(asked) == "claimed"


@pytest.mark.parametrize("token", ["", "another-session"])
def test_a_form_from_elsewhere_changes_nothing(browse: SignIn, asked: World, token: str) -> None:
    client = browse("astrid")
    del client.headers["X-CSRF-Token"]
    done = client.post(f"{PAGE}/claim", data={"csrf_token": token})
    assert done.status_code == 403
    assert "This form is from another session" in done.text
    assert state_of(asked) == "alerting"


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "Bo was faster and has taken it."), ("da", "Bo var hurtigere og har taget den.")],
)
def test_who_comes_second_learns_who_won(
    browse: SignIn, asked: World, locale: str, words: str
) -> None:
    asked.decisions.claim(LeadId("lead-1"), ExpertId("bo"), actor="test")
    done = browse("astrid", locale).post(f"{PAGE}/claim")
    assert done.status_code == 409
    assert words in done.text
    assert "<form" in done.text or "Kender nogen" in done.text


def test_what_is_over_cannot_be_taken(browse: SignIn, asked: World) -> None:
    asked.database.write(lambda tx: set_lead(tx, "lead-1", {"state": "expired"}))
    done = browse("astrid").post(f"{PAGE}/claim")
    assert done.status_code == 410
    assert "This question is over, so nothing could be changed." in done.text
    assert "grown too old" in done.text


def test_what_has_moved_on_is_shown_as_it_stands(browse: SignIn) -> None:
    done = browse("astrid").post(f"{PAGE}/release")
    assert done.status_code == 409
    assert "The question has moved on meanwhile." in done.text


@pytest.mark.parametrize(
    ("step", "data", "call"),
    [
        ("decline", {"reason": "busy"}, ("decline", "lead-1", "astrid", "busy", "expert:astrid")),
        ("snooze", {"until": "1h"}, None),
        ("snooze", {"until": "morning"}, None),
    ],
)
def test_who_cannot_says_so_in_one_step(
    browse: SignIn, asked: World, step: str, data: dict[str, str], call: tuple[str, ...] | None
) -> None:
    done = browse("astrid").post(f"{PAGE}/{step}", data=data)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    made = asked.decisions.calls[-1]
    assert made == call if call else (made[0], made[3] > NOW) == ("snooze", True)  # type: ignore[operator]  # a time


@pytest.mark.parametrize(
    ("step", "data", "words"),
    [
        ("decline", {"reason": "dislike"}, "Choose why it is not for you."),
        ("snooze", {"until": "never"}, "Choose when the question should come back."),
        ("pass-on", {}, "Choose the colleague who should have it."),
    ],
)
def test_a_form_that_says_nothing_known_is_told_so(
    browse: SignIn, step: str, data: dict[str, str], words: str
) -> None:
    done = browse("astrid").post(f"{PAGE}/{step}", data=data)
    assert done.status_code == 422
    assert words in done.text


def test_a_question_is_passed_on_and_given_back(browse: SignIn, asked: World) -> None:
    client = browse("astrid")
    client.post(f"{PAGE}/claim")
    page = client.get(PAGE).text
    assert '<option value="bo">' in page
    assert '<option value="astrid">' not in page
    assert client.post(f"{PAGE}/release").headers["location"] == "/"
    assert state_of(asked) == "alerting"
    client.post(f"{PAGE}/claim")
    assert client.post(f"{PAGE}/pass-on", data={"to": "bo"}).headers["location"] == "/"
    assert "Taken by Bo" in client.get(PAGE).text


def test_an_answer_is_noted_with_its_link(browse: SignIn, asked: World) -> None:
    client = browse("astrid")
    client.post(f"{PAGE}/claim")
    done = client.post(
        f"{PAGE}/answer", data={"answer_url": "https://example.com/a", "disclosed": "yes"}
    )
    assert done.status_code == 303
    page = client.get(PAGE).text
    assert "Thank you. It is marked as answered." in page
    assert "Answered by you just now" in page
    assert 'href="https://example.com/a"' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"answer_url": "ftp://x", "disclosed": "yes"}, "A link begins with https://"),
        ({"answer_url": "https://x/" + "a" * 3000, "disclosed": "yes"}, "That is too long"),
        ({"disclosed": ""}, "Say whether your answer tells where you work."),
        ({"disclosed": "not_needed"}, "Say in a few words why it was not needed."),
    ],
)
def test_an_incomplete_answer_keeps_what_was_typed(
    browse: SignIn, asked: World, data: dict[str, str], words: str
) -> None:
    client = browse("astrid")
    client.post(f"{PAGE}/claim")
    done = client.post(f"{PAGE}/answer", data=data | {"disclosure_reason": ""})
    assert done.status_code == 422
    assert words in done.text
    assert data.get("answer_url", "") in done.text
    assert state_of(asked) == "claimed"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "expired"}, "grown too old"),
        ({"state": "dismissed", "text": "", "url": ""}, "nobody asks for anything here"),
        ({"state": "withdrawn", "text": "", "url": ""}, "The post was deleted where it stood"),
        ({"state": "claimed", "owner_id": "bo", "claimed_at": NOW}, "Taken by Bo just now"),
        ({"state": "closed", "outcome": "won"}, "It is answered."),
    ],
)
def test_every_end_is_told_in_words(
    browse: SignIn, asked: World, changes: dict[str, object], words: str
) -> None:
    put_lead(asked.database, "lead-2", **changes)
    page = browse("astrid").get("/questions/lead-2")
    assert page.status_code == 200
    assert words in page.text
    assert "/lead-2/claim" not in page.text


def test_sales_closes_an_opportunity(browse: SignIn, asked: World) -> None:
    put_lead(asked.database, "lead-2", state="answered", owner_id="bo", answered_at=NOW)
    client = browse("sanne")
    assert "What became of the opportunity?" in client.get("/questions/lead-2").text
    bad = client.post("/questions/lead-2/outcome", data={"outcome": "great"})
    assert bad.status_code == 422
    assert client.post("/questions/lead-2/outcome", data={"outcome": "won"}).status_code == 303
    assert state_of(asked, "lead-2") == "closed"
    assert "won" in client.get("/questions/lead-2").text


def test_sales_says_that_it_is_no_opportunity(browse: SignIn, asked: World) -> None:
    client = browse("sanne")
    assert "Not an opportunity" in client.get(PAGE).text
    assert client.post(f"{PAGE}/dismiss", data={"reason": ""}).status_code == 303
    assert state_of(asked) == "dismissed"
    assert TEXT not in client.get(PAGE).text


def test_what_is_to_review_can_be_promoted(browse: SignIn, asked: World) -> None:
    put_lead(asked.database, "lead-2", state="review", lane="review")
    client = browse("sanne")
    assert "Tell the colleagues" in client.get("/questions/lead-2").text
    assert client.post("/questions/lead-2/promote").status_code == 303
    assert state_of(asked, "lead-2") == "new"


def test_an_expert_alone_neither_dismisses_nor_closes(browse: SignIn) -> None:
    client = browse("astrid")
    assert "For sales" not in client.get(PAGE).text
    assert client.post(f"{PAGE}/dismiss").status_code == 403
    assert client.post(f"{PAGE}/outcome", data={"outcome": "won"}).status_code == 403


def test_a_form_address_opened_by_hand_leads_back(browse: SignIn) -> None:
    done = browse("astrid").get(f"{PAGE}/claim")
    assert (done.status_code, done.headers["location"]) == (303, PAGE)


def test_a_question_that_is_not_there_says_so(browse: SignIn) -> None:
    page = browse("astrid").get("/questions/none")
    assert page.status_code == 404
    assert "There is nothing here" in page.text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "\u202eesrever\u202c \u0645\u0631\u062d\u0628\u0627",
        "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324" * 20,
        "{{ 7 * 7 }} %(name)s %s",
        "a" * 20_000,
    ],
)
def test_hostile_text_stays_text(browse: SignIn, asked: World, hostile: str) -> None:
    asked.database.write(
        lambda tx: set_lead(
            tx, "lead-1", {"text": hostile, "title": hostile[:200], "author_name": hostile[:200],
                           "url": "javascript:alert(1)", "author_url": "javascript:alert(2)",
                           "place": hostile[:200], "reasons": [], "entities": []},
        )
    )  # fmt: skip
    client = browse("astrid")
    for address in ("/", PAGE):
        page = client.get(address)
        assert page.status_code == 200
        assert page.text.count("<script") == 1
        assert "<img" not in page.text
        assert "javascript:" not in page.text


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("Something wrong here?", "None of ours", "A supplier", "Plumbing</option>")),
        ("da", ("Er noget forkert her?", "Ingen af vores", "En leverandør", "VVS</option>")),
    ],
)
def test_what_was_understood_wrongly_is_said_with_one_tap(
    browse: SignIn, asked: World, locale: str, words: tuple[str, ...]
) -> None:
    client = browse("astrid", locale)
    page = client.get(PAGE).text
    for each in words:
        assert each in page
    assert "Nobody is asking" in page or "Ingen spørger" in page
    token = form_token(page)
    form = {"csrf_token": token, "kind": "wrong_topic", "topic_id": "plumbing"}
    done = client.post(f"{PAGE}/feedback", data=form)
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    (tap,) = asked.database.read(list_taps)
    assert (tap.kind.value, tap.topic_id, tap.given_by) == (
        "wrong_topic",
        "plumbing",
        "expert:astrid",
    )
    assert state_of(asked) == "alerting"


@pytest.mark.parametrize("form", [{}, {"kind": "wrong_kind"}, {"kind": "wanted"}])
def test_a_tap_that_says_nothing_is_refused(
    browse: SignIn, asked: World, form: dict[str, str]
) -> None:
    assert browse("astrid").post(f"{PAGE}/feedback", data=form).status_code == 422
    assert asked.database.read(list_taps) == []


def test_nothing_more_is_said_of_what_is_erased(browse: SignIn, asked: World) -> None:
    asked.database.write(lambda tx: set_lead(tx, "lead-1", {"state": "dismissed"}))
    client = browse("astrid")
    assert client.post(f"{PAGE}/feedback", data={"kind": "not_a_lead"}).status_code == 410
    assert "Something wrong here?" not in client.get(PAGE).text


@pytest.mark.parametrize(
    ("step", "back", "location"),
    [
        ("promote", "/feed?state=review", "/feed?state=review"),
        ("dismiss", "/feed", "/feed"),
        ("dismiss", "https://elsewhere.example", PAGE),
        ("promote", "/feedback", PAGE),
    ],
)
def test_a_tap_in_the_review_leads_back_to_it(
    browse: SignIn, asked: World, step: str, back: str, location: str
) -> None:
    asked.database.write(lambda tx: set_lead(tx, "lead-1", {"state": "review"}))
    done = browse("sanne").post(f"{PAGE}/{step}", data={"back": back})
    assert (done.status_code, done.headers["location"]) == (303, location)
