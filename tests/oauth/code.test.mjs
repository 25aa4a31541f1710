// Authorization codes with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9207): a customer lets an app without a secret in.
import test from 'node:test'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import {
  as, clientToken, customerToken, failureOf, insecure, issuer, newCustomer, projectKey, refresh, resource,
} from './support.mjs'

const callback = 'https://app.example/callback'

/** An app that can keep no secret. */
const newApp = async () => {
  const { access_token } = await clientToken()
  const draft = {
    name: `app-${randomBytes(6).toString('hex')}`, public: true, redirectUris: [callback],
    scope: ['view_published_products', 'manage_my_orders', 'manage_my_profile'].map((name) => `${name}:${projectKey}`).join(' '),
  }
  const response = await oauth.protectedResourceRequest(access_token, 'POST',
    new URL(`/${projectKey}/api-clients`, issuer), new Headers({ 'content-type': 'application/json' }),
    JSON.stringify(draft), insecure)
  assert.equal(response.status, 201)
  return { client: { client_id: (await response.json()).id }, auth: oauth.None() }
}

/** Where the customer is sent with the answer. */
const authorize = async (app, customerAccessToken, parameters) => {
  const url = new URL(as.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code', client_id: app.client.client_id, redirect_uri: callback, ...parameters,
  })
  const response = await oauth.protectedResourceRequest(
    customerAccessToken, 'GET', url, new Headers(), undefined, { ...insecure, [oauth.customFetch]:
      (target, init) => fetch(target, { ...init, redirect: 'manual' }) })
  assert.equal(response.status, 302)
  return new URL(response.headers.get('location'))
}

/** An app with a code in its hands. */
const scene = async () => {
  const app = await newApp()
  const customer = await newCustomer()
  const { access_token } = await customerToken(customer.email, customer.password)
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const target = await authorize(app, access_token, {
    state, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  })
  return { app, customer, verifier, state, target }
}

const exchange = async ({ app, target, state }, verifier) => {
  const parameters = oauth.validateAuthResponse(as, app.client, target, state)
  const response = await oauth.authorizationCodeGrantRequest(
    as, app.client, app.auth, parameters, callback, verifier, insecure)
  return oauth.processAuthorizationCodeResponse(as, app.client, response)
}

test('the metadata offers codes with proof keys', () => {
  assert.ok(as.response_types_supported.includes('code'))
  assert.ok(as.grant_types_supported.includes('authorization_code'))
  assert.deepEqual(as.code_challenge_methods_supported, ['S256'])
  assert.ok(as.token_endpoint_auth_methods_supported.includes('none'))
  assert.equal(as.authorization_response_iss_parameter_supported, true)
})

test('an app trades the code for tokens of the customer, and refreshes them', async () => {
  const { app, customer, verifier, ...rest } = await scene()
  const token = await exchange({ app, ...rest }, verifier)
  assert.match(token.scope, new RegExp(` customer_id:${customer.id}$`))
  const me = await resource(token.access_token, 'GET', '/me')
  assert.equal((await me.json()).id, customer.id)
  const next = await refresh(token.refresh_token, app)
  assert.equal(next.scope, token.scope)
})

test('a code is worth nothing with another verifier', async () => {
  const failure = await failureOf(exchange(await scene(), oauth.generateRandomCodeVerifier()))
  assert.equal(failure.error, 'invalid_grant')
})

test('a code is good once, and the second time it takes back what the first gave', async () => {
  const { verifier, ...rest } = await scene()
  const token = await exchange(rest, verifier)
  const failure = await failureOf(exchange(rest, verifier))
  assert.equal(failure.error, 'invalid_grant')
  const refused = await failureOf(resource(token.access_token, 'GET', '/me'))
  assert.equal(refused.status, 401)
})

test('a request without a proof key is refused where the app can see it', async () => {
  const app = await newApp()
  const { email, password } = await newCustomer()
  const { access_token } = await customerToken(email, password)
  const state = oauth.generateRandomState()
  const target = await authorize(app, access_token, { state })
  const failure = await failureOf((async () => oauth.validateAuthResponse(as, app.client, target, state))())
  assert.equal(failure.code, oauth.AUTHORIZATION_RESPONSE_ERROR)
  assert.equal(failure.error, 'invalid_request')
})
