/** A self-signed certificate for `localhost` and `127.0.0.1` that only tests use. Its own authority. */
export const registryCertificate: { readonly cert: string; readonly key: string } = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUKUbQnLYVVZHjIgVmpDsYwTMCLbwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIyMzAxN1oYDzIxMjYxMDI5
MjIzMDE3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARrgaz2W94oOzAEOkmC8dSvYzK0tRgcmBr7ER0Mcl77TZhnPImj2xsk
xP4z0BpCro45P5db8zkGejfVWVbBjiRio28wbTAdBgNVHQ4EFgQUsGFTM5jW7pM3
t5Zq1KEfvDtDKpYwHwYDVR0jBBgwFoAUsGFTM5jW7pM3t5Zq1KEfvDtDKpYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgahoHQhO21Yre2dcybDHJJdn/5Htw8yfgR5tHiiALrf4CIQCS
dwjtzpmpx7FPZuqCVQaCNrZYHOTvuCo1jhSQtaxWPA==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxPidjOx0Cfty4ueq
jc0L3hJkyIPdKOYCC1sxYyynreShRANCAARrgaz2W94oOzAEOkmC8dSvYzK0tRgc
mBr7ER0Mcl77TZhnPImj2xskxP4z0BpCro45P5db8zkGejfVWVbBjiRi
-----END PRIVATE KEY-----
`,
};
