"""The built page: files of its folder, index.html for every other address of the app."""

from pathlib import Path

from fastapi import Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from overround.api.problems import NotFound

IMMUTABLE = "public, max-age=31536000, immutable"  # names in assets/ carry a hash of their content


class PageFiles(StaticFiles):
    """Serves the folder; unknown addresses get index.html, unknown files in assets/ a 404."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._folder = folder

    async def page(self, request: Request) -> Response:
        """
        Answer one GET outside /api.

        Raises:
            NotFound: The page was not built, or no such file in assets/.
        """
        if not (self._folder / "index.html").is_file():
            raise NotFound("the page is not built; run make web, or use the API below /api")
        path = self.get_path(request.scope)
        try:
            answer = await self.get_response(path, request.scope)
        except HTTPException:
            return self._index(path)
        if path in (".", "index.html"):
            answer.headers["cache-control"] = "no-cache"
        else:
            answer.headers["cache-control"] = IMMUTABLE if path.startswith("assets/") else "max-age=3600"
        return answer

    def _index(self, path: str) -> Response:
        if path.startswith("assets/"):
            raise NotFound(f"the page has no file {path}")
        return FileResponse(self._folder / "index.html", headers={"cache-control": "no-cache"})
