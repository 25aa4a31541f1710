// What every test here stands on: the servers from the environment, seen only through libraries that other people
// wrote from the RFCs. A refusal by one of them is a bug of the server.
import { randomBytes } from 'node:crypto'
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'

const setting = (name) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; run these tests with: cargo xtask dev --exec 'npm test'`)
  return value
}

export const issuer = new URL(setting('CTP_AUTH_URL'))
export const apiUrl = setting('CTP_API_URL')
export const projectKey = setting('CTP_PROJECT_KEY')
export const audience = `urn:commerce:${projectKey}`
export const adminScopes = setting('CTP_SCOPES')

const client = (prefix) => ({
  client: { client_id: setting(`${prefix}_CLIENT_ID`) },
  auth: oauth.ClientSecretBasic(setting(`${prefix}_CLIENT_SECRET`)),
})
export const admin = client('CTP')
export const mobile = client('MOBILE')
export const opaque = client('OPAQUE')

/** The servers under test speak plain HTTP on this machine. */
export const insecure = { [oauth.allowInsecureRequests]: true }

export const discover = async () => {
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  return oauth.processDiscoveryResponse(issuer, response)
}
export const as = await discover()

/** The same server with the token endpoint of guests or customers, as its metadata names them. */
const at = (template) => ({ ...as, token_endpoint: as[template].replace('{projectKey}', projectKey) })
export const guests = at('anonymous_token_endpoint_template')
export const customers = at('customer_token_endpoint_template')

export const clientToken = async (who = admin, parameters = {}, options = {}) => {
  const response = await oauth.clientCredentialsGrantRequest(
    as, who.client, who.auth, parameters, { ...insecure, ...options })
  return oauth.processClientCredentialsResponse(as, who.client, response)
}

export const guestToken = async (who = mobile, parameters = {}, options = {}) => {
  const response = await oauth.clientCredentialsGrantRequest(
    guests, who.client, who.auth, parameters, { ...insecure, ...options })
  return oauth.processClientCredentialsResponse(guests, who.client, response)
}

export const refresh = async (refreshToken, who = mobile, options = {}) => {
  const response = await oauth.refreshTokenGrantRequest(
    as, who.client, who.auth, refreshToken, { ...insecure, ...options })
  return oauth.processRefreshTokenResponse(as, who.client, response)
}

export const customerToken = async (username, password, who = mobile, options = {}) => {
  const response = await oauth.genericTokenEndpointRequest(
    customers, who.client, who.auth, 'password', { username, password }, { ...insecure, ...options })
  return oauth.processGenericTokenEndpointResponse(customers, who.client, response)
}

export const introspect = async (token, who = admin) => {
  const response = await oauth.introspectionRequest(as, who.client, who.auth, token, insecure)
  return oauth.processIntrospectionResponse(as, who.client, response)
}

export const revoke = async (token, who = mobile) => {
  const response = await oauth.revocationRequest(as, who.client, who.auth, token, insecure)
  return oauth.processRevocationResponse(response)
}

/** A request to the commerce API; an answer with a challenge comes as the library's error. */
export const resource = (token, method, path, body, options = {}) =>
  oauth.protectedResourceRequest(token, method, new URL(`${apiUrl}/${projectKey}${path}`),
    new Headers(body ? { 'content-type': 'application/json' } : {}),
    body ? JSON.stringify(body) : undefined, { ...insecure, ...options })

export const createCart = async (token, options) => {
  const response = await resource(token, 'POST', '/me/carts', { currency: 'EUR', country: 'DE' }, options)
  assert.equal(response.status, 201)
  return response.json()
}

/** Somebody with an account. */
export const newCustomer = async () => {
  const { access_token } = await clientToken()
  const email = `${randomBytes(6).toString('hex')}@example.com`
  const password = randomBytes(12).toString('base64url')
  const response = await resource(access_token, 'POST', '/customers', { email, password })
  assert.equal(response.status, 201)
  return { email, password, id: (await response.json()).customer.id }
}

/** The error of a call that must fail; a call that works is a failed test. */
export const failureOf = async (call) => {
  try {
    await call
  } catch (error) {
    return error
  }
  return assert.fail('the call should have failed')
}
