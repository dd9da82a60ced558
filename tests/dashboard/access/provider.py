"""A small OpenID Connect provider, for tests: real HTTP, real keys, real signatures. It does what
the standard says, and whatever else a test tells it to.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from fastapi import FastAPI, Request
from jwt.algorithms import RSAAlgorithm
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline.clock import now_ms

CLIENT_ID, SECRET = "xueshi", "a secret between the two, of 32 bytes and more"
KEY = generate_private_key(65537, 2048)
OTHER_KEY = generate_private_key(65537, 2048)

Claims = dict[str, Any]


def unchanged(claims: Claims) -> Claims:
    return claims


@dataclass
class Provider:
    """`person`: who is signed in there, and what is said of them. The rest: what goes wrong."""

    issuer: str = ""
    secret: str | None = SECRET
    person: Claims = field(default_factory=lambda: {
        "sub": "4711", "preferred_username": "li.wei", "region": "110000"})
    in_userinfo: Claims = field(default_factory=dict)
    tamper: Callable[[Claims], Claims] = unchanged
    key: RSAPrivateKey | str = KEY
    kid: str = "1"
    alg: str = "RS256"
    offered: tuple[str, ...] = ("RS256",)
    without_id_token: bool = False
    seen: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo", "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(self.offered),
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        public = self.key.public_key() if isinstance(self.key, RSAPrivateKey) else KEY.public_key()
        return {"keys": [{**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": self.kid,
                          "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> Response:
        self.seen.append(asked)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    def token(self, form: dict[str, str], authorization: str) -> Response:
        asked = self.codes.pop(form["code"], None)
        if asked is None or not self._is_right(asked, form, authorization):
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": "access", "token_type": "Bearer", "expires_in": 60}
        if not self.without_id_token:
            answer["id_token"] = self.id_token(asked)
        return JSONResponse(answer)

    def _is_right(self, asked: dict[str, str], form: dict[str, str], authorization: str) -> bool:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        basic = base64.b64encode(f"{CLIENT_ID}:{self.secret}".encode()).decode()
        client = (authorization == f"Basic {basic}" if self.secret
                  else form.get("client_id") == CLIENT_ID)
        return (client and asked.get("code_challenge_method") == "S256"
                and asked["code_challenge"] == challenge
                and asked["redirect_uri"] == form["redirect_uri"])

    def id_token(self, asked: dict[str, str]) -> str:
        now = now_ms() // 1000
        claims = self.tamper({"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60,
                              "nonce": asked.get("nonce"), **self.person})
        return jwt.encode(claims, self.key if self.alg != "none" else "", self.alg,
                          {"kid": self.kid})

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def metadata() -> dict[str, Any]:
            return self.metadata()

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return self.keys()

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            return self.authorize(dict(request.query_params))

        @app.post("/token")
        async def token(request: Request) -> Response:
            form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
            return self.token(form, request.headers.get("authorization", ""))

        @app.get("/userinfo")
        def userinfo(request: Request) -> Response:
            if request.headers.get("authorization") != "Bearer access":
                return Response(status_code=401)
            return JSONResponse({"sub": self.person["sub"], **self.in_userinfo})

        return app
