// A backend with the admin client: queries, paging, expansion, catalog and orders.
import test from 'node:test'
import assert from 'node:assert/strict'
import {
  addLineItem, admin, adminScopes, anyProduct, apiUrl, authUrl, backend, failureOf, germany, opaque, projectKey,
  tokenCache, tokenRequest, unique,
} from './support.mjs'
import { ClientBuilder, Process } from '@commercetools/ts-client'

const manyCarts = async (root, count) => {
  const anonymousId = unique('paging')
  const carts = await Promise.all(Array.from({ length: count }, () =>
    root.carts().post({ body: { currency: 'EUR', country: 'DE', anonymousId } }).execute()))
  return { anonymousId, ids: carts.map(({ body }) => body.id) }
}

test('a backend asks for the scopes it needs and gets no more', async () => {
  const { status, body } = await tokenRequest('/oauth/token', admin,
    { grant_type: 'client_credentials', scope: adminScopes[0] })
  assert.equal(status, 200)
  assert.equal(body.scope, adminScopes[0])
  assert.equal(body.refresh_token, undefined)
  assert.ok(body.expires_in > 300, 'the SDK takes a token that lives 300 s for expired')
})

test('limit, offset, sort and total page through a result', async () => {
  const root = backend()
  const { anonymousId, ids } = await manyCarts(root, 5)
  const where = `anonymousId = "${anonymousId}"`
  const page = async (offset) => (await root.carts()
    .get({ queryArgs: { where, sort: 'id asc', limit: 2, offset } }).execute()).body
  const pages = [await page(0), await page(2), await page(4)]
  assert.deepEqual(pages.map((one) => one.count), [2, 2, 1])
  assert.deepEqual(pages.map((one) => one.total), [5, 5, 5])
  assert.deepEqual(pages.flatMap((one) => one.results.map((cart) => cart.id)), [...ids].sort())
})

test('a total that was not asked for is not there', async () => {
  const { body } = await backend().carts().get({ queryArgs: { limit: 1, withTotal: false } }).execute()
  assert.equal(body.total, undefined)
})

test('the paging helper of the SDK visits every cart once', async () => {
  const root = backend()
  const { anonymousId, ids } = await manyCarts(root, 7)
  // The helper runs the middlewares of the client that was built last.
  new ClientBuilder()
    .withClientCredentialsFlow({ host: authUrl, projectKey, credentials: admin, httpClient: fetch })
    .withHttpMiddleware({ host: apiUrl, httpClient: fetch })
    .build()
  const seen = await Process(
    { uri: `/${projectKey}/carts?limit=3`, method: 'GET' },
    async ({ body }) => body.results.filter((cart) => cart.anonymousId === anonymousId).map((cart) => cart.id),
    { accumulate: true })
  assert.deepEqual(seen.flat().sort(), [...ids].sort())
})

test('predicates with variables, lists and conjunctions find carts', async () => {
  const root = backend()
  const { anonymousId, ids } = await manyCarts(root, 2)
  const find = async (where, variables = {}) => (await root.carts()
    .get({ queryArgs: { where, ...variables } }).execute()).body.results.map((cart) => cart.id).sort()
  assert.deepEqual(await find('anonymousId = :who', { 'var.who': anonymousId }), [...ids].sort())
  assert.deepEqual(await find([`anonymousId = "${anonymousId}"`, `id in ("${ids[0]}", "none")`]), [ids[0]])
  assert.deepEqual(await find(`anonymousId = "${anonymousId}" and version > 1`), [])
  assert.deepEqual(await find(`anonymousId = "${anonymousId}" and customerId is not defined`), [...ids].sort())
})

test('a cart by key is the cart by id', async () => {
  const root = backend()
  const key = unique('cart')
  const { body: cart } = await root.carts().post({ body: { currency: 'EUR', key } }).execute()
  const { body } = await root.carts().withKey({ key }).get().execute()
  assert.equal(body.id, cart.id)
  const failure = await failureOf(root.carts().post({ body: { currency: 'EUR', key } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'DuplicateField')
})

test('a backend creates an order with a number and walks it through its states', async () => {
  const root = backend()
  const product = await anyProduct(root)
  const { body: cart } = await root.carts().post({
    body: {
      currency: 'EUR', country: 'DE', shippingAddress: germany,
      lineItems: [{ productId: product.id, variantId: product.masterVariant.id, quantity: 1 }],
    },
  }).execute()
  const orderNumber = unique('order')
  const { body: order } = await root.orders()
    .post({ body: { cart: { typeId: 'cart', id: cart.id }, version: cart.version, orderNumber } }).execute()
  const { body: confirmed } = await root.orders().withOrderNumber({ orderNumber }).post({
    body: {
      version: order.version,
      actions: [
        { action: 'changeOrderState', orderState: 'Confirmed' },
        { action: 'changePaymentState', paymentState: 'Paid' },
      ],
    },
  }).execute()
  assert.equal(confirmed.id, order.id)
  assert.equal(confirmed.orderState, 'Confirmed')
  assert.equal(confirmed.paymentState, 'Paid')
})

test('an ordered cart takes no more line items', async () => {
  const root = backend()
  const product = await anyProduct(root)
  const { body: cart } = await root.carts().post({
    body: {
      currency: 'EUR', country: 'DE', shippingAddress: germany,
      lineItems: [{ productId: product.id, variantId: product.masterVariant.id, quantity: 1 }],
    },
  }).execute()
  await root.orders().post({ body: { cart: { typeId: 'cart', id: cart.id }, version: cart.version } }).execute()
  const { body: ordered } = await root.carts().withId({ ID: cart.id }).get().execute()
  const failure = await failureOf(root.carts().withId({ ID: cart.id })
    .post({ body: { version: ordered.version, actions: [addLineItem(product)] } }).execute())
  assert.equal(failure.statusCode, 400)
})

test('a reference expands where it is asked for', async () => {
  const root = backend()
  const { body } = await root.products().get({ queryArgs: { limit: 1, expand: 'productType' } }).execute()
  assert.match(body.results[0].productType.obj.name, /./)
})

test('a new product is seen in the projections once it is published', async () => {
  const root = backend()
  const { body: types } = await root.productTypes().get({ queryArgs: { limit: 1 } }).execute()
  const slug = unique('mug')
  const { body: product } = await root.products().post({
    body: {
      productType: { typeId: 'product-type', id: types.results[0].id },
      name: { en: 'Mug' }, slug: { en: slug },
      masterVariant: { sku: slug, prices: [{ value: { currencyCode: 'EUR', centAmount: 1250 } }] },
    },
  }).execute()
  const where = `slug(en = "${slug}")`
  const count = async () => (await root.productProjections().get({ queryArgs: { where } }).execute()).body.count
  assert.equal(await count(), 0)
  await root.products().withId({ ID: product.id })
    .post({ body: { version: product.version, actions: [{ action: 'publish' }] } }).execute()
  assert.equal(await count(), 1)
})

test('an API client gets tokens until it is deleted', async () => {
  // Without a gateway the auth server answers for API clients itself.
  const { body: token } = await tokenRequest('/oauth/token', admin, { grant_type: 'client_credentials' })
  const call = async (method, path, body) => {
    const response = await fetch(`${authUrl}/${projectKey}/api-clients${path}`, {
      method,
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    return { status: response.status, body: await response.json() }
  }
  const made = await call('POST', '', { name: unique('client'), scope: `view_products:${projectKey}` })
  assert.equal(made.status, 201)
  const credentials = { clientId: made.body.id, clientSecret: made.body.secret }
  const form = { grant_type: 'client_credentials' }
  assert.equal((await tokenRequest('/oauth/token', credentials, form)).status, 200)
  const read = await call('GET', `/${made.body.id}`)
  assert.equal(read.body.secret, undefined)
  assert.equal((await call('DELETE', `/${made.body.id}`)).status, 200)
  assert.equal((await tokenRequest('/oauth/token', credentials, form)).status, 401)
})

test('a client with opaque tokens works like the others', async () => {
  const cache = tokenCache()
  const root = backend({ client: opaque, cache })
  const { body: cart } = await root.carts().post({ body: { currency: 'EUR' } }).execute()
  const { body } = await root.carts().withId({ ID: cart.id }).get().execute()
  assert.equal(body.id, cart.id)
  assert.match(cache.content.token, /^[A-Za-z0-9_-]{43}$/)
})

test('a token is active when the auth server is asked, and a made-up one is not', async () => {
  const { body: token } = await tokenRequest('/oauth/token', admin, { grant_type: 'client_credentials' })
  const active = await tokenRequest('/oauth/introspect', admin, { token: token.access_token })
  assert.equal(active.body.active, true)
  assert.equal(active.body.client_id, admin.clientId)
  const unknown = await tokenRequest('/oauth/introspect', admin, { token: 'made-up' })
  assert.deepEqual(unknown.body, { active: false })
})
