"""The shop over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from storefront import shop as shops
from storefront import themes
from storefront.assets import Assets
from storefront.headers import SecurityHeaders
from storefront.journal import Journal
from storefront.site import Page, Release, Site
from storefront.telemetry import Telemetry

_HTML = "text/html; charset=utf-8"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"

Endpoint = Callable[[Request], Awaitable[Response]]


def make(shop_file: str | None, release: Release, imprint: str | None, journal: Journal) -> Telemetry:
    """Give the application of one shop; raises ShopError where its file is wrong."""
    path = Path(shop_file) if shop_file else shops.SAMPLE
    shop, assets = shops.read(path), Assets()
    if not themes.known(shop.theme):
        journal.write("warning", "the theme is not known", theme=shop.theme, shown=themes.FALLBACK)
    site = Site(shop, release, assets, imprint)
    routes = [Route(address, _served(page)) for address, page in site.pages.items() if "/products/" not in address]
    routes += [
        Route("/products/{sku}", _product(site)),
        Route("/assets/{address}", _asset(assets)),
        Route("/robots.txt", _robots),
        Route("/health/live", _live),
        Route("/health/ready", _ready(path)),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _missing(site)})
    app.router.redirect_slashes = False
    telemetry = Telemetry(
        SecurityHeaders(GZipMiddleware(app, minimum_size=1000), shop.checkout_url), release, shop.variant, journal
    )
    app.router.routes.append(Route("/metrics", _metrics(telemetry)))
    return telemetry


def _answer(request: Request, page: Page, status: int = 200) -> Response:
    headers = {"ETag": page.etag, "Cache-Control": _ASK_FIRST}
    if status == 200 and _unchanged(request, page.etag):
        return Response(status_code=304, headers=headers)
    return Response(page.content, status, headers, media_type=_HTML)


def _unchanged(request: Request, etag: str) -> bool:
    """Compare weakly, as If-None-Match does (RFC 9110, 13.1.2)."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in known or "*" in known


def _served(page: Page) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return _answer(request, page)

    return endpoint


def _product(site: Site) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        page = site.pages.get(f"/products/{request.path_params['sku']}")
        return _answer(request, page) if page else _answer(request, site.missing, 404)

    return endpoint


def _missing(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.detail != "Not Found":
            return PlainTextResponse(error.detail, 404)
        return _answer(request, site.missing, 404)

    return handler


def _asset(assets: Assets) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        found = assets.find(request.path_params["address"])
        if found is None:
            raise HTTPException(404, "no such asset")
        asset, exact = found
        headers = {"ETag": f'"{asset.digest}"', "Cache-Control": _FOR_EVER if exact else _ASK_FIRST}
        if _unchanged(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    return endpoint


async def _robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /success\nDisallow: /cancel\n")


async def _live(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def _ready(path: Path) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        try:
            shops.read(path)
        except shops.ShopError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 503)
        return JSONResponse({"ok": True})

    return endpoint


def _metrics(telemetry: Telemetry) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        # Prometheus asks the pod; who comes through the proxy is a stranger.
        if "x-forwarded-for" in request.headers:
            raise HTTPException(404)
        return Response(generate_latest(telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    return endpoint
