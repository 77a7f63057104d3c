"""A passkey in software: it answers challenges as a browser hands them over, and its PRF is a secret of its own."""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://localhost:8400"
_FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Authenticator:
    def __init__(self, rp="localhost", origin=ORIGIN):
        self.rp, self.origin = hashlib.sha256(rp.encode()).digest(), origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.prf = secrets.token_bytes(16), secrets.token_bytes(32)

    @property
    def name(self):
        return websafe_encode(self.id)

    def registered(self):
        """What a browser sends when the passkey is added, as sign-in keeps it."""
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        flags = _FLAGS | AuthenticatorData.FLAG.AT
        attested = AttestationObject.create("none", AuthenticatorData.create(self.rp, flags, 0, data), {})
        client = CollectedClientData.create("webauthn.create", b"x" * 32, self.origin)
        return {
            "id": self.name,
            "rawId": self.name,
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(attested),
            },
        }

    def answer(self, asked, verified=True, prf=True):
        """What the page sends for what it was asked."""
        client = CollectedClientData.create("webauthn.get", websafe_decode(asked["challenge"]), self.origin)
        flags = _FLAGS if verified else AuthenticatorData.FLAG.UP
        data = AuthenticatorData.create(self.rp, flags, 1)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        salt = websafe_decode(asked["salts"][self.name])
        return {
            "id": self.name,
            "rawId": self.name,
            "type": "public-key",
            "clientExtensionResults": {},
            "secret": websafe_encode(hmac.digest(self.prf, salt, "sha256")) if prf else "",
            "response": {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": None,
            },
        }
