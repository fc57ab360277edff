"""Plans as a terminal shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from imagedb.cli.plans import show_plan
from tests.unit.planned import CONTAINER, FACTS, a_document


def test_each_container_has_its_own_age(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where IDs begin alike, on two hosts."""
    now = datetime.now(UTC)
    hosts = {"web-1": timedelta(days=20), "web-2": timedelta(hours=3)}
    containers = [CONTAINER | {"host": host, "created": now - age} for host, age in hosts.items()]
    reasons = [
        {
            "kind": "container",
            "subject": f"c0c0c0c0c0c0 (web, exited) on host {host}",
            "keeps": True,
            "why": "it was made of the image",
            "lift": "",
        }
        for host in hosts
    ]
    facts = FACTS | {"containers": containers}
    image = {"facts": facts, "conflicts": [], "records": [], "reasons": reasons}

    show_plan(a_document(images=[image]))

    shown = capsys.readouterr().out
    assert "    container c0c0c0c0c0c0 (web, exited) on host web-1, 2 weeks old\n" in shown
    assert "    container c0c0c0c0c0c0 (web, exited) on host web-2, 3 hours old\n" in shown
