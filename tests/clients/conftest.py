"""Nothing is fetched from elsewhere: litellm would look for a list of prices."""

import pytest


@pytest.fixture(autouse=True)
def no_list_of_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
