// What every test here stands on: the servers from the environment, clients of the vendor's SDKs
// set up the way a storefront sets them up, and a few words for things that all stories do.
import { randomBytes } from 'node:crypto'
import assert from 'node:assert/strict'
import { createApiBuilderFromCtpClient } from '@commercetools/platform-sdk'
import { ClientBuilder } from '@commercetools/ts-client'

const setting = (name) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; run these tests with: cargo xtask dev --exec 'npm test'`)
  return value
}

export const authUrl = setting('CTP_AUTH_URL')
export const apiUrl = setting('CTP_API_URL')
export const projectKey = setting('CTP_PROJECT_KEY')

const credentials = (prefix) => ({
  clientId: setting(`${prefix}_CLIENT_ID`),
  clientSecret: setting(`${prefix}_CLIENT_SECRET`),
})
export const admin = credentials('CTP')
export const mobile = credentials('MOBILE')
export const opaque = credentials('OPAQUE')
export const adminScopes = setting('CTP_SCOPES').split(' ')

/** A token cache whose content the test can look at, and set. */
export const tokenCache = (content = { token: '', expirationTime: -1 }) => ({
  content,
  async get() { return this.content },
  async set(fresh) { this.content = fresh },
})

const withHttp = (builder) =>
  builder.withHttpMiddleware({ host: apiUrl, httpClient: fetch, includeResponseHeaders: true })

/** The typed API of one project over any client. */
export const api = (client) => createApiBuilderFromCtpClient(client).withProjectKey({ projectKey })

const authOptions = (credentials, more = {}) =>
  ({ host: authUrl, projectKey, credentials, httpClient: fetch, ...more })

/** A backend with the admin client. `extend` may add middlewares to the builder. */
export const backend = ({ client = admin, scopes, extend = (builder) => builder, cache = tokenCache() } = {}) =>
  api(extend(withHttp(new ClientBuilder()
    .withClientCredentialsFlow(authOptions(client, { scopes, tokenCache: cache })))).build())

/** A guest with a session of their own; `cache` gives access to the tokens. */
export const guest = ({ client = mobile, anonymousId, extend = (builder) => builder, cache = tokenCache() } = {}) => ({
  cache,
  api: api(extend(withHttp(new ClientBuilder().withAnonymousSessionFlow(
    authOptions(anonymousId ? { ...client, anonymousId } : client, { tokenCache: cache }))))
    .build()),
})

/** A customer who signs in with e-mail and password. */
export const customer = (email, password, cache = tokenCache()) => ({
  cache,
  api: api(withHttp(new ClientBuilder().withPasswordFlow(
    authOptions({ ...mobile, user: { username: email, password } }, { tokenCache: cache }))).build()),
})

/** Somebody who kept nothing but a refresh token. */
export const returning = (refreshToken, cache = tokenCache(), client = mobile) => ({
  cache,
  api: api(withHttp(new ClientBuilder().withRefreshTokenFlow(
    authOptions(client, { refreshToken, tokenCache: cache }))).build()),
})

/** Somebody with an access token and nothing else: no retry, no renewal. */
export const bearer = (token) =>
  api(withHttp(new ClientBuilder().withExistingTokenFlow(`Bearer ${token}`, { force: true })).build())

/** A word that no other test, and no earlier run, has used. */
export const unique = (prefix) => `${prefix}-${randomBytes(6).toString('hex')}`
export const uniqueEmail = () => `${unique('anna')}@example.com`

export const germany = {
  firstName: 'Anna', lastName: 'Beispiel', streetName: 'Marktplatz', streetNumber: '1',
  postalCode: '10115', city: 'Berlin', country: 'DE', email: 'anna@example.com',
}

/** A product of the demo catalog with a price in EUR for Germany. */
export const anyProduct = async (root) => {
  const { body } = await root.productProjections()
    .get({ queryArgs: { priceCurrency: 'EUR', priceCountry: 'DE', limit: 20 } }).execute()
  const product = body.results.find((one) => one.masterVariant.price)
  assert.ok(product, 'the demo catalog has a product with a price in EUR for DE')
  return product
}

export const createCart = async (me, draft = {}) => {
  const { body, statusCode } = await me.carts()
    .post({ body: { currency: 'EUR', country: 'DE', ...draft } }).execute()
  assert.equal(statusCode, 201)
  return body
}

export const updateCart = async (me, cart, ...actions) => {
  const { body } = await me.carts().withId({ ID: cart.id })
    .post({ body: { version: cart.version, actions } }).execute()
  return body
}

export const addLineItem = (product, quantity = 1) =>
  ({ action: 'addLineItem', productId: product.id, variantId: product.masterVariant.id, quantity })

/** The error of a call that must fail; a call that works is a failed test. */
export const failureOf = async (call) => {
  try {
    await call
  } catch (error) {
    return error
  }
  return assert.fail('the call should have failed')
}

/** A token request outside the SDK, for what the SDK has no call for. */
export const tokenRequest = async (path, client, form) => {
  const response = await fetch(`${authUrl}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(form).toString(),
  })
  return { status: response.status, body: await response.json() }
}
