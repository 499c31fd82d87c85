import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepsake.inference.bm25 import Postings

WORDS = st.lists(st.sampled_from("abcde"), max_size=6)
PORTIONS = st.lists(st.lists(WORDS, min_size=1, max_size=4), max_size=12)


def postings(portions):
    grown = Postings()
    for portion in portions:
        grown.extend(portion)
    return grown


def bm25(documents, query, k1, b):
    """As Robertson and Zaragoza 2009 write it."""
    mean = max(sum(map(len, documents)) / len(documents), 1.0)
    scores = [0.0] * len(documents)
    for term in set(query):
        having = sum(term in document for document in documents)
        rarity = math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))
        for row, document in enumerate(documents):
            often = document.count(term)
            norm = k1 * (1 - b + b * len(document) / mean)
            scores[row] += rarity * often * (k1 + 1) / (often + norm) if often else 0
    return scores


@settings(max_examples=40)
@given(PORTIONS, WORDS)
def test_documents_score_the_same_in_whatever_portions_they_came(portions, query):
    documents = [document for portion in portions for document in portion]

    scores = postings(portions).scores(query)

    assert len(scores) == len(documents)
    if documents:
        assert scores == pytest.approx(bm25(documents, query, 0.9, 0.4), abs=1e-4)


@settings(max_examples=40)
@given(PORTIONS, WORDS, st.integers(1, 3))
def test_a_group_scores_as_one_document(portions, query, groups):
    documents = [document for portion in portions for document in portion]
    group = np.array([row % (groups + 1) - 1 for row in range(len(documents))], dtype=np.int32)
    joined = [[word for row, document in enumerate(documents) if group[row] == number
               for word in document] for number in range(groups)]  # fmt: skip

    scores = postings(portions).group_scores(query, group, groups)

    assert scores == pytest.approx(bm25(joined, query, 1.2, 0.75), abs=1e-4)
