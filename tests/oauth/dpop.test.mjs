// Tokens that are bound to a key (RFC 9449), as an independent client makes and uses them.
import test from 'node:test'
import assert from 'node:assert/strict'
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import {
  apiUrl, as, audience, clientToken, createCart, customerToken, failureOf, guestToken, insecure, introspect, mobile,
  newCustomer, projectKey, refresh, resource,
} from './support.mjs'

/** A client with a key of its own. */
const holder = async (algorithm = 'ES256', who = mobile) => {
  const keys = await oauth.generateKeyPair(algorithm, { extractable: true })
  const thumbprint = await jose.calculateJwkThumbprint(await jose.exportJWK(keys.publicKey))
  return { thumbprint, options: { DPoP: oauth.DPoP(who.client, keys) } }
}

const challengeOf = async (call) => {
  const failure = await failureOf(call)
  assert.equal(failure.code, oauth.WWW_AUTHENTICATE_CHALLENGE, failure.message)
  return { status: failure.status, ...failure.cause[0] }
}

// `EdDSA` is the older name of `Ed25519` (RFC 9864), and the library only uses the newer one.
for (const algorithm of as.dpop_signing_alg_values_supported.filter((name) => name !== 'EdDSA')) {
  test(`a guest with a key for ${algorithm} shops with it`, async () => {
    const { thumbprint, options } = await holder(algorithm)
    const token = await guestToken(mobile, {}, options)
    assert.equal(token.token_type, 'dpop')
    assert.equal(jose.decodeJwt(token.access_token).cnf.jkt, thumbprint)
    const cart = await createCart(token.access_token, options)
    const response = await resource(token.access_token, 'GET', `/me/carts/${cart.id}`, undefined, options)
    assert.equal((await response.json()).id, cart.id)
  })
}

test('clients and customers get bound tokens, too', async () => {
  const { thumbprint, options } = await holder()
  const { email, password } = await newCustomer()
  for (const token of [await clientToken(mobile, {}, options), await customerToken(email, password, mobile, options)]) {
    assert.equal(token.token_type, 'dpop')
    assert.equal(jose.decodeJwt(token.access_token).cnf.jkt, thumbprint)
  }
})

test('introspection names the key', async () => {
  const { thumbprint, options } = await holder()
  const { access_token } = await guestToken(mobile, {}, options)
  const told = await introspect(access_token)
  assert.equal(told.token_type, 'DPoP')
  assert.deepEqual(told.cnf, { jkt: thumbprint })
})

test('a refresh keeps the key, and another key or none gets nothing', async () => {
  const { thumbprint, options } = await holder()
  const first = await guestToken(mobile, {}, options)
  for (const other of [(await holder()).options, {}]) {
    const failure = await failureOf(refresh(first.refresh_token, mobile, other))
    assert.equal(failure.error, 'invalid_grant')
  }
  const second = await refresh(first.refresh_token, mobile, options)
  assert.equal(second.token_type, 'dpop')
  assert.equal(jose.decodeJwt(second.access_token).cnf.jkt, thumbprint)
  await createCart(second.access_token, options)
})

test('a bound token is refused without its key', async () => {
  const { options } = await holder()
  const { access_token } = await guestToken(mobile, {}, options)
  const bare = await challengeOf(resource(access_token, 'GET', '/me/carts'))
  assert.deepEqual([bare.status, bare.scheme, bare.parameters.error], [401, 'dpop', 'invalid_token'])
  assert.match(bare.parameters.algs, /ES256/)
  const other = await challengeOf(resource(access_token, 'GET', '/me/carts', undefined, (await holder()).options))
  assert.deepEqual([other.status, other.scheme], [401, 'dpop'])
})

test('a resource server on the same library accepts the token and the proof', async () => {
  const { options } = await holder()
  const { access_token } = await guestToken(mobile, {}, options)
  const seen = []
  const watching = { ...options, [oauth.customFetch]: (url, init) => {
    seen.push(new Request(url, init))
    return fetch(url, init)
  } }
  const response = await resource(access_token, 'GET', '/me/carts', undefined, watching)
  assert.equal(response.status, 200)
  const claims = await oauth.validateJwtAccessToken(as, seen[0], audience, { requireDPoP: true, ...insecure })
  assert.equal(claims.client_id, mobile.client.client_id)
})

test('a proof is good for one request', async () => {
  const { options } = await holder()
  const { access_token } = await guestToken(mobile, {}, options)
  let first
  await resource(access_token, 'GET', '/me/carts', undefined, { ...options, [oauth.customFetch]: (url, init) => {
    first = init
    return fetch(url, init)
  } })
  const again = await fetch(`${apiUrl}/${projectKey}/me/carts`, first)
  assert.equal(again.status, 401)
  assert.match(again.headers.get('www-authenticate'), /invalid_dpop_proof/)
})
