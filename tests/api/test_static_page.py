"""The built page: files, deep links, caching."""

import pytest
from yarl import URL


@pytest.fixture
def page(tmp_path):
    """A built page, put where the served app looks for it."""
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Overround</title>")
    (static / "assets" / "index-1a2b.js").write_text("export {}")
    (static / "favicon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    return static


@pytest.mark.parametrize("path", ["/", "/index.html", "/event/61300947", "/margins/football-spain-la-liga"])
async def test_every_address_of_the_page_gets_the_page(page, served, path):
    """A copied link opens the same screen; the index is asked for anew each time."""
    async with served.client.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_files_are_kept_for_good(page, served):
    """Their name changes with their content."""
    async with served.client.get("/assets/index-1a2b.js") as answer:
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content_type.endswith("javascript")
    async with served.client.get("/favicon.svg") as answer:
        assert answer.headers["cache-control"] == "max-age=3600"


async def test_a_missing_file_is_not_the_page(page, served):
    """A script that is HTML breaks in ways nobody understands."""
    problem = await served.get("/assets/old.js", status=404)
    assert "old.js" in problem["detail"]


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/a%00b"]
)
async def test_nothing_outside_the_folder_is_served(page, served, path):
    """Whatever the address looks like."""
    address = URL(f"http://127.0.0.1:{served.port}{path}", encoded=True)
    async with served.client.get(address) as answer:
        assert "secret" not in await answer.text()
        assert answer.status in (200, 404)


async def test_without_a_build_the_answer_says_what_to_do(served):
    """The API works all the same."""
    problem = await served.get("/", status=404)
    assert "make web" in problem["detail"]
