"""Runs of eight words that posts have in common."""

from nlp.training.shared_words import RunFinder, find_shared_with, find_sharing

RUN = "we have been looking for a bakery oven since May"


def test_posts_with_eight_words_in_a_row_in_common_share() -> None:
    texts = [
        RUN,
        f"Hello! {RUN.upper().replace(' ', ', ')} and still nothing",
        "We have been looking for a bakery, but an oven since May",
        "too short",
    ]
    assert find_sharing(texts, RunFinder()).tolist() == [True, True, False, False]


def test_links_mentions_and_tags_are_no_words() -> None:
    other = "we have been https://a.example looking @somebody for #help a bakery oven"
    assert find_sharing([RUN, other], RunFinder()).all()


def test_a_run_said_twice_by_one_post_is_not_shared() -> None:
    assert not find_sharing([f"{RUN} {RUN}", "something else"], RunFinder()).any()


def test_posts_are_told_that_stand_in_other_texts() -> None:
    finder = RunFinder()
    assert find_shared_with(["nothing of it", RUN], [f"x {RUN} y"], finder).tolist() == [
        False,
        True,
    ]
    assert not find_shared_with([RUN], [], finder).any()
    assert len(find_shared_with([], [RUN], finder)) == 0
    assert len(find_sharing([], finder)) == 0
