// A passkey answers for exact bytes: the challenge is their SHA-256, and its PRF gives the secret that opens the officer's key.
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const ask = async (asked) => {
  const evalByCredential = {};
  for (const [id, salt] of Object.entries(asked.salts)) evalByCredential[id] = { first: decode(salt) };
  const credential = await navigator.credentials.get({ publicKey: {
    challenge: decode(asked.challenge),
    rpId: asked.rpId,
    allowCredentials: Object.keys(asked.salts).map((id) => ({ type: "public-key", id: decode(id) })),
    userVerification: "required",
    extensions: { prf: { evalByCredential } },
  } });
  const results = credential.getClientExtensionResults();
  const secret = results.prf && results.prf.results && results.prf.results.first;
  const { response } = credential;
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: {},
    secret: secret ? encode(secret) : "",
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      authenticatorData: encode(response.authenticatorData),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : null,
    },
  });
};

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.hidden = !window.PublicKeyCredential;
  button.addEventListener("click", async () => {
    const { form } = button;
    const told = form.querySelector("[data-passkey-fault]");
    try {
      form.elements.assertion.value = await ask(JSON.parse(button.dataset.passkey));
      if (form.elements.passphrase && !("binds" in button.dataset)) form.elements.passphrase.required = false;
      form.requestSubmit();
    } catch (fault) {
      if (told) told.hidden = false;
    }
  });
}
