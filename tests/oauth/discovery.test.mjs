// Metadata (RFC 8414), keys (RFC 7517, RFC 7638) and what signed tokens say (RFC 9068).
import test from 'node:test'
import assert from 'node:assert/strict'
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import {
  as, audience, clientToken, customerToken, discover, failureOf, guestToken, insecure, issuer, mobile, newCustomer,
} from './support.mjs'

const jwks = jose.createRemoteJWKSet(new URL(as.jwks_uri))
const keys = async () => (await (await fetch(as.jwks_uri)).json()).keys

/** A signed token as jose reads it: the algorithms are those of the published keys. */
const verified = async (token) => jose.jwtVerify(token, jwks, {
  issuer: as.issuer,
  audience,
  typ: 'at+jwt',
  algorithms: (await keys()).map((key) => key.alg),
  requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
})

/** The same token as a resource server on oauth4webapi sees it. */
const accepted = (token, expected = audience) => oauth.validateJwtAccessToken(
  as, new Request('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } }), expected, insecure)

test('the metadata names its own issuer and every endpoint below it', async () => {
  const metadata = await discover()
  assert.equal(metadata.issuer, issuer.href.replace(/\/$/, ''))
  for (const name of ['token_endpoint', 'introspection_endpoint', 'revocation_endpoint', 'jwks_uri']) {
    assert.ok(metadata[name].startsWith(`${metadata.issuer}/`), name)
  }
  assert.ok(metadata.grant_types_supported.includes('client_credentials'))
  assert.ok(metadata.token_endpoint_auth_methods_supported.includes('client_secret_basic'))
})

test('the metadata of another issuer is refused', async () => {
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  const failure = await failureOf(oauth.processDiscoveryResponse(new URL('https://auth.example.com'), response))
  assert.equal(failure.code, oauth.JSON_ATTRIBUTE_COMPARISON)
})

test('the id of every key is its thumbprint, and no key shows its private half', async () => {
  for (const key of await keys()) {
    assert.equal(key.kid, await jose.calculateJwkThumbprint(key, 'sha256'))
    assert.equal(key.use, 'sig')
    assert.equal(key.d, undefined)
  }
})

test('the token of a client is an access token for its project', async () => {
  const { access_token, expires_in, scope } = await clientToken()
  const { payload, protectedHeader } = await verified(access_token)
  assert.equal(payload.exp - payload.iat, expires_in)
  assert.equal(payload.scope, scope)
  assert.equal(payload.sub, `client:${payload.client_id}`)
  assert.ok((await keys()).some((key) => key.kid === protectedHeader.kid))
  assert.equal((await accepted(access_token)).jti, payload.jti)
})

test('the tokens of guests and customers name them and the client', async () => {
  const guest = await verified((await guestToken()).access_token)
  assert.match(guest.payload.sub, /^anonymous:/)
  assert.match(guest.payload.scope, / anonymous_id:\S+$/)
  assert.equal(guest.payload.client_id, mobile.client.client_id)
  const { email, password, id } = await newCustomer()
  const customer = await verified((await customerToken(email, password)).access_token)
  assert.equal(customer.payload.sub, `customer:${id}`)
})

test('a token is refused for another audience and with another signature', async () => {
  const { access_token } = await guestToken()
  const failure = await failureOf(accepted(access_token, 'urn:commerce:other'))
  assert.equal(failure.code, oauth.JWT_CLAIM_COMPARISON)
  const [header, , signature] = access_token.split('.')
  const [, claims] = (await guestToken()).access_token.split('.')
  await assert.rejects(verified([header, claims, signature].join('.')), jose.errors.JWSSignatureVerificationFailed)
})
