"""Posts as hurried people write them."""

import random

from nlp.training.roughen import roughen, vary

TEXT = "Søger revisor, gerne i Aarhus.\n\nVi er tolv mand, og det haster lidt med årsregnskabet."


def test_a_roughened_text_looks_hurried() -> None:
    assert roughen("Søger revisor, gerne i Aarhus.") == "soeger revisor gerne i aarhus"


def test_variants_differ_and_keep_the_words_recognisable() -> None:
    variants = {vary(TEXT, random.Random(seed)) for seed in range(40)}
    assert len(variants) > 10
    assert all(abs(len(each) - len(TEXT)) < 12 for each in variants)


def test_an_empty_text_stays_empty() -> None:
    assert all(vary("", random.Random(seed)) == "" for seed in range(20))
