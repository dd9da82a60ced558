"""Sign-in at an OpenID Connect provider: authorization code, PKCE, state and nonce, by Authlib."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import APIRouter, Request
from joserfc.errors import JoseError
from starlette.responses import RedirectResponse, Response

from pipeline.settings import Settings
from warehouse.dashboard.access.account import Account
from warehouse.dashboard.access.accounts import require_region
from warehouse.dashboard.access.signin import AtDesk, local_path, page
from warehouse.dashboard.access.visitor import visitor
from warehouse.errors import WarehouseError

log = logging.getLogger("xueshi.access")

CALLBACK = "/login/oidc/callback"
TIMEOUT_S = 10.0
LEEWAY_S = 60
# Signatures of a key pair: with another kind whoever knows the client's secret could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA", "Ed25519")
FAILED = "统一身份认证未成功，请重试；仍不成功请联系系统管理员。"
NO_RIGHTS = "已通过统一身份认证，但该账号没有查看任何地区的权限，请联系系统管理员。"

router = APIRouter()


class ClaimsError(Exception):
    """The provider's claims name no account of this dashboard; the message names no person."""


@dataclass(frozen=True)
class Mapping:
    """Which claims say what; see the settings of the same names."""

    name_claim: str
    region_claim: str
    regions: dict[str, str]
    rights_claim: str
    names_right: str
    query_right: str

    def account(self, claims: dict[str, Any]) -> Account:
        """The account that the claims name.

        Raises:
            ClaimsError: no name, or not exactly one region.
        """
        rights = _words(claims.get(self.rights_claim))
        return Account(f"sso:{self._name(claims)}", self._region(claims),
                       self.names_right in rights, self.query_right in rights)

    def _name(self, claims: dict[str, Any]) -> str:
        name = claims.get(self.name_claim)
        if not isinstance(name, str) or not 0 < len(name) <= 128 or not name.isprintable():
            raise ClaimsError(f"the claim {self.name_claim} has no name")
        return name

    def _region(self, claims: dict[str, Any]) -> str:
        said = claims.get(self.region_claim)
        values = said if isinstance(said, list) else [said]
        if len(values) != 1 or not isinstance(values[0], str | int):
            raise ClaimsError(f"the claim {self.region_claim} has not exactly one region")
        code = self.regions.get(str(values[0]), str(values[0]))
        try:
            require_region(code)
        except WarehouseError:
            raise ClaimsError(f"the claim {self.region_claim} has no region code") from None
        return code


def _words(said: Any) -> list[str]:
    """Rights as a list, or as words of one text."""
    if isinstance(said, str):
        return said.split()
    return [word for word in said if isinstance(word, str)] if isinstance(said, list) else []


class Provider:
    """The provider. Its metadata is read when somebody first signs in."""

    def __init__(self, settings: Settings, issuer: str) -> None:
        self.label = settings.oidc_label
        self.mapping = Mapping(
            settings.oidc_name_claim, settings.oidc_region_claim, settings.oidc_regions,
            settings.oidc_rights_claim, settings.oidc_names_right, settings.oidc_query_right)
        self._issuer = issuer
        self._client_id = settings.oidc_client_id
        secret = settings.oidc_client_secret
        self._client = OAuth().register(
            "provider", client_id=settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": settings.oidc_scope, "code_challenge_method": "S256",
                           "timeout": TIMEOUT_S, "leeway": 0,
                           **({} if secret else {"token_endpoint_auth_method": "none"})})

    async def redirect(self, request: Request, back: str) -> Response:
        """To the provider; what must come back is put into the request's session."""
        await self._metadata()
        answer: Response = await self._client.authorize_redirect(request, back)
        return answer

    async def claims(self, request: Request) -> dict[str, Any]:
        """What the provider says of whoever comes back, checked in every part.

        Raises:
            OAuthError, JoseError: it is not to be believed.
            ClaimsError: it tells of two different persons, or of none.
            httpx2.HTTPError: the provider does not answer.
        """
        metadata = await self._metadata()
        if request.query_params.get("iss", self._issuer) != self._issuer:  # RFC 9207
            raise OAuthError("another issuer answers")
        token = await self._client.authorize_access_token(
            request, leeway=LEEWAY_S, claims_options={
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id}})
        said = token.get("userinfo")
        if not said:
            raise OAuthError("there is no id_token")
        if self.mapping.region_claim in said or "userinfo_endpoint" not in metadata:
            return dict(said)
        more = await self._client.userinfo(token=token)
        if more.get("sub") != said["sub"]:
            raise ClaimsError("userinfo tells of somebody else")
        return {**more, **said}

    async def _metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = await self._client.load_server_metadata()
        if found.get("issuer") != self._issuer:
            raise OAuthError("the provider's metadata names another issuer")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [a for a in offered if a in ALGORITHMS]
        return found


BROKEN = (OAuthError, JoseError, httpx2.HTTPError, ClaimsError, ValueError, KeyError, RuntimeError)


@router.get("/login/oidc")
async def leave(request: Request, desk: AtDesk, next: str | None = None) -> Response:
    """To the provider."""
    assert desk.provider is not None, "without a provider this route is not there"
    if visitor() is not None:
        return RedirectResponse(local_path(next), 303)
    waiting: dict[str, Any] = {}
    request.scope["session"] = waiting
    token = secrets.token_urlsafe(32)
    back = desk.site.origin(request.headers) + CALLBACK
    try:
        answer = await desk.provider.redirect(request, back)
    except BROKEN as error:
        return _failed(request, desk, error)
    desk.sessions.put_pending(token, {"session": waiting, "next": local_path(next)})
    desk.site.put(answer, desk.site.entrance, token)
    return answer


@router.get(CALLBACK)
async def come_back(request: Request, desk: AtDesk) -> Response:
    """From the provider. What it must fit to can be used once, by the same browser."""
    assert desk.provider is not None, "without a provider this route is not there"
    waiting = desk.sessions.take_pending(request.cookies.get(desk.site.entrance, ""))
    request.scope["session"] = waiting.get("session", {})
    try:
        account = desk.provider.mapping.account(await desk.provider.claims(request))
    except ClaimsError as error:
        log.warning("signed in at the provider, but: %s", error)
        return page(request, desk, "/", NO_RIGHTS, 403)
    except BROKEN as error:
        return _failed(request, desk, error)
    return desk.admit(request, account, None, local_path(waiting.get("next")))


def _failed(request: Request, desk: AtDesk, error: Exception) -> Response:
    log.warning("no sign-in at the provider: %s", type(error).__name__)
    return page(request, desk, "/", FAILED, 401)
