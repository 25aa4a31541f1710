// Token requests (RFC 6749), introspection (RFC 7662), revocation (RFC 7009) and challenges (RFC 6750).
import test from 'node:test'
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import {
  admin, adminScopes, as, clientToken, createCart, customerToken, failureOf, guestToken, insecure, introspect,
  mobile, newCustomer, opaque, refresh, resource, revoke,
} from './support.mjs'

const challengeOf = async (call) => {
  const failure = await failureOf(call)
  assert.equal(failure.code, oauth.WWW_AUTHENTICATE_CHALLENGE, failure.message)
  return { status: failure.status, challenge: failure.cause[0] }
}

const refusalOf = async (call) => {
  const failure = await failureOf(call)
  assert.equal(failure.code, oauth.RESPONSE_BODY_ERROR, failure.message)
  return { status: failure.status, error: failure.error }
}

test('a client gets what it holds, or the part it asks for', async () => {
  const whole = await clientToken()
  assert.equal(whole.token_type, 'bearer')
  assert.equal(whole.scope, adminScopes)
  assert.equal(whole.refresh_token, undefined)
  const part = await clientToken(admin, { scope: 'manage_project:demo' })
  assert.equal(part.scope, 'manage_project:demo')
  assert.deepEqual(await refusalOf(clientToken(mobile, { scope: 'manage_project:demo' })),
    { status: 400, error: 'invalid_scope' })
})

test('answers with tokens are for no cache', async () => {
  const response = await oauth.clientCredentialsGrantRequest(as, admin.client, admin.auth, {}, insecure)
  assert.match(response.headers.get('content-type'), /^application\/json/)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  assert.equal(response.headers.get('pragma'), 'no-cache')
})

test('a wrong secret is an invalid client and is told how to prove itself', async () => {
  const { status, challenge } = await challengeOf(
    clientToken({ client: admin.client, auth: oauth.ClientSecretBasic('wrong') }))
  assert.equal(status, 401)
  assert.equal(challenge.scheme, 'basic')
  assert.equal(challenge.parameters.realm, 'oauth')
})

test('an unknown grant type is an unsupported one', async () => {
  const asked = oauth.genericTokenEndpointRequest(as, admin.client, admin.auth, 'urn:example:luck', {}, insecure)
  const read = oauth.processGenericTokenEndpointResponse(as, admin.client, await asked)
  assert.deepEqual(await refusalOf(read), { status: 400, error: 'unsupported_grant_type' })
})

test('a guest is refreshed and keeps the cart and the scope', async () => {
  const first = await guestToken()
  const cart = await createCart(first.access_token)
  const second = await refresh(first.refresh_token)
  assert.equal(second.scope, first.scope)
  assert.notEqual(second.refresh_token, first.refresh_token)
  const response = await resource(second.access_token, 'GET', `/me/carts/${cart.id}`)
  assert.equal((await response.json()).id, cart.id)
})

test('a refresh token of nobody is an invalid grant', async () => {
  assert.deepEqual(await refusalOf(refresh('demo:made-up')), { status: 400, error: 'invalid_grant' })
})

test('a customer signs in with a password', async () => {
  const { email, password, id } = await newCustomer()
  const { access_token, scope } = await customerToken(email, password)
  assert.match(scope, new RegExp(` customer_id:${id}$`))
  assert.equal((await (await resource(access_token, 'GET', '/me')).json()).id, id)
  assert.equal((await refusalOf(customerToken(email, 'wrong'))).status, 400)
})

test('introspection tells about access and refresh tokens, signed and opaque', async () => {
  const { access_token, refresh_token, scope, expires_in } = await guestToken()
  const told = await introspect(access_token)
  assert.equal(told.active, true)
  assert.equal(told.scope, scope)
  assert.equal(told.client_id, mobile.client.client_id)
  assert.equal(told.token_type.toLowerCase(), 'bearer')
  assert.equal(told.exp - told.iat, expires_in)
  assert.equal(told.iss, as.issuer)
  const own = await introspect(refresh_token, mobile)
  assert.equal(own.active, true)
  const guest = await guestToken(opaque)
  assert.doesNotMatch(guest.access_token, /\./)
  assert.equal((await introspect(guest.access_token)).scope, guest.scope)
})

test('introspection tells nothing of what is dead, foreign or made up', async () => {
  const theirs = await clientToken()
  for (const [token, who] of [['made-up', admin], ['a.b.c', admin], [theirs.access_token, mobile]]) {
    assert.deepEqual(await introspect(token, who), { active: false })
  }
})

test('a revoked access token is refused from then on, and its session lives', async () => {
  const { access_token, refresh_token } = await guestToken()
  await revoke(access_token)
  assert.deepEqual(await introspect(access_token), { active: false })
  const { status, challenge } = await challengeOf(resource(access_token, 'GET', '/me/carts'))
  assert.equal(status, 401)
  assert.equal(challenge.scheme, 'bearer')
  assert.equal(challenge.parameters.error, 'invalid_token')
  assert.ok((await refresh(refresh_token)).access_token)
})

test('a revoked refresh token ends the session, whoever asks again', async () => {
  const { access_token, refresh_token } = await guestToken()
  await revoke(refresh_token)
  await revoke(refresh_token)
  assert.deepEqual(await introspect(access_token), { active: false })
  assert.equal((await refusalOf(refresh(refresh_token))).error, 'invalid_grant')
})

test('revocation of what is unknown or of another client changes nothing and is no error', async () => {
  const { access_token, refresh_token } = await guestToken()
  for (const token of ['made-up', access_token, refresh_token]) {
    const hinted = oauth.revocationRequest(as, opaque.client, opaque.auth, token,
      { ...insecure, additionalParameters: { token_type_hint: 'saml' } })
    await oauth.processRevocationResponse(await hinted)
  }
  assert.equal((await introspect(access_token)).active, true)
  assert.ok((await refresh(refresh_token)).access_token)
})

test('a resource without a token has a challenge without an error, and one without the scope names it', async () => {
  const bare = await fetch(new URL('/demo/carts', process.env.CTP_API_URL))
  assert.equal(bare.status, 401)
  assert.doesNotMatch(bare.headers.get('www-authenticate'), /error/)
  const { access_token } = await guestToken()
  const { status, challenge } = await challengeOf(resource(access_token, 'GET', '/carts'))
  assert.equal(status, 403)
  assert.equal(challenge.parameters.error, 'insufficient_scope')
  assert.match(challenge.parameters.scope, /view_orders:demo/)
})

