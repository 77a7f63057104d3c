"""A pair of nodes that verified each other and agreed, made once and copied for each test."""

import shutil

import pytest

from tests.end_to_end.nodes import make_pair
from tests.nations import Nation


@pytest.fixture(scope="session")
def made_pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def pair(made_pair, tmp_path):
    """Two nodes in folders of their own; their ports are those of the pair."""
    fresh = []
    for nation in made_pair:
        shutil.copytree(nation.path, tmp_path / nation.country)
        fresh.append(Nation(nation.country, tmp_path / nation.country, nation.keys))
    return fresh
