// TLS with a pinned certificate: the client knows the server by the SHA-256 of its certificate, and needs no authority. It
// never talks to a server with another one.
//
// It prints:
//
//   the pinned one: tls, secure
//   another: link-tls
//   no pin, and no authority knows it: link-tls
import { connect, serve } from "headrace/rsocket";

const text = new TextDecoder();

// For this example only: everybody has this key. Make your own with
// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=me -keyout key.pem -out cert.pem
const cert = `-----BEGIN CERTIFICATE-----
MIIBmTCCAT6gAwIBAgIUdq/F213ZUsWv3dogK8mEJNfQ5z4wCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKYW4tZXhhbXBsZTAgFw0yNjExMjEwODQ0MTBaGA8yMTI2MTAy
ODA4NDQxMFowFTETMBEGA1UEAwwKYW4tZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABMdqTU3xCAdePVvU1P62l9M0i7AGDRrVBvlp+xMJ/lxHq8Y+dreo
Y3OZKS2D2xvqz2vOdxgIibPWymEj5OvMEqqjajBoMB0GA1UdDgQWBBR3LSzUht7h
6uyvQCmQ1aNbTJ/YvjAfBgNVHSMEGDAWgBR3LSzUht7h6uyvQCmQ1aNbTJ/YvjAP
BgNVHRMBAf8EBTADAQH/MBUGA1UdEQQOMAyCCmFuLWV4YW1wbGUwCgYIKoZIzj0E
AwIDSQAwRgIhAPI5g/wyaj0zIVMdS06lBXh0GaPzDxT5D5yC7NQJQTQoAiEAw1l5
WVm8YZM6q89RC+8oscpps9euoTj+IacEKPkNdDs=
-----END CERTIFICATE-----
`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcG68K9h/Gx7vIBWF
zSRAZ79mHkVLYwsZCzDaq/Lsyx6hRANCAATHak1N8QgHXj1b1NT+tpfTNIuwBg0a
1Qb5afsTCf5cR6vGPna3qGNzmSktg9sb6s9rzncYCImz1sphI+TrzBKq
-----END PRIVATE KEY-----
`;

const server = await serve("tls://127.0.0.1:0", {
  requestResponse: (_payload, { link }) => `${link.scheme}, ${link.secure ? "secure" : "open"}`,
}, { tls: { cert, key } });

/** @param {string} pem */
const hashOf = async (pem) => {
  const der = Uint8Array.from(atob(pem.replaceAll(/-----[^-]+-----|\s/g, "")), (letter) => letter.charCodeAt(0));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", der));
};
const hash = await hashOf(cert);

const client = await connect(server.urls, { tls: { certificateHashes: [hash] } });
console.log(`the pinned one: ${text.decode((await client.requestResponse("how?")).data)}`);

const other = hash.map((byte) => byte ^ 1);
await connect(server.urls, { tls: { certificateHashes: [other] } }).catch((error) =>
  console.log(`another: ${error.code}`)
);
await connect(server.urls).catch((error) => console.log(`no pin, and no authority knows it: ${error.code}`));

await client.close();
await server.close();
