// Errors in the shape that the SDK turns into its own, and the middlewares that act on them.
import test from 'node:test'
import assert from 'node:assert/strict'
import {
  addLineItem, anyProduct, api, apiUrl, authUrl, backend, createCart, failureOf, germany, guest, projectKey,
  tokenCache, updateCart,
} from './support.mjs'
import { ClientBuilder } from '@commercetools/ts-client'

test('what does not exist is a 404 for the SDK', async () => {
  const failure = await failureOf(backend().carts().withId({ ID: '00000000-0000-4000-8000-000000000000' })
    .get().execute())
  assert.equal(failure.statusCode, 404)
  assert.match(failure.message, /^URI not found/)
})

test('a path parameter with a slash is one segment and finds nothing', async () => {
  const failure = await failureOf(backend().carts().withId({ ID: '../categories' }).get().execute())
  assert.equal(failure.statusCode, 404)
})

test('an outdated version is a 409 that names the current one', async () => {
  const me = guest().api.me()
  const cart = await createCart(me)
  const changed = await updateCart(me, cart, { action: 'setCustomerEmail', email: 'a@example.com' })
  const failure = await failureOf(updateCart(me, cart, { action: 'setCustomerEmail', email: 'b@example.com' }))
  assert.equal(failure.statusCode, 409)
  assert.equal(failure.code, 'ConcurrentModification')
  assert.equal(failure.body.errors[0].currentVersion, changed.version)
})

test('the concurrent modification middleware repairs an outdated version', async () => {
  const anna = guest({ extend: (builder) => builder.withConcurrentModificationMiddleware() })
  const me = anna.api.me()
  const cart = await createCart(me)
  await updateCart(me, cart, { action: 'setCustomerEmail', email: 'a@example.com' })
  const repaired = await updateCart(me, cart, { action: 'setShippingAddress', address: germany })
  assert.equal(repaired.customerEmail, 'a@example.com')
  assert.equal(repaired.shippingAddress.city, 'Berlin')
})

test('an unknown action is a 400 that names it', async () => {
  const me = guest().api.me()
  const cart = await createCart(me)
  const failure = await failureOf(updateCart(me, cart, { action: 'teleport' }))
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'InvalidJsonInput')
  assert.match(JSON.stringify(failure.body), /teleport/)
})

test('a missing member is a 400', async () => {
  const failure = await failureOf(guest().api.me().carts().post({ body: { country: 'DE' } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.match(JSON.stringify(failure.body), /currency/)
})

test('actions are applied all or none', async () => {
  const anna = guest()
  const me = anna.api.me()
  const cart = await createCart(me)
  const failure = await failureOf(updateCart(me, cart,
    { action: 'setCustomerEmail', email: 'a@example.com' },
    { action: 'removeLineItem', lineItemId: 'nothing' }))
  assert.equal(failure.statusCode, 400)
  const { body } = await me.carts().withId({ ID: cart.id }).get().execute()
  assert.equal(body.version, cart.version)
  assert.equal(body.customerEmail, undefined)
})

test('a product that does not exist cannot be added', async () => {
  const me = guest().api.me()
  const cart = await createCart(me)
  const failure = await failureOf(updateCart(me, cart,
    { action: 'addLineItem', productId: '00000000-0000-4000-8000-000000000000', variantId: 1, quantity: 1 }))
  assert.equal(failure.statusCode, 400)
})

test('a predicate that does not parse is a 400 with a message', async () => {
  const failure = await failureOf(backend().carts().get({ queryArgs: { where: 'version >' } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'InvalidInput')
})

test('a wrong client secret is a 401 with the error of the token endpoint', async () => {
  const client = new ClientBuilder()
    .withClientCredentialsFlow({
      host: authUrl, projectKey, credentials: { clientId: 'nobody', clientSecret: 'nothing' }, httpClient: fetch,
    })
    .withHttpMiddleware({ host: apiUrl, httpClient: fetch })
    .build()
  const failure = await failureOf(api(client).carts().get().execute())
  assert.equal(failure.statusCode, 401)
  assert.equal(failure.code, 'invalid_client')
})

test('a scope that the client does not have is refused when asked for', async () => {
  const failure = await failureOf(
    backend({ scopes: [`manage_project:${projectKey}-other`] }).carts().get().execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'invalid_scope')
})

test('the correlation id comes back as it was sent', async () => {
  const id = 'guestcart-sdk-tests/1234567-abcd'
  const root = backend({ extend: (builder) => builder.withCorrelationIdMiddleware({ generate: () => id }) })
  const { headers } = await root.carts().get({ queryArgs: { limit: 1 } }).execute()
  assert.equal(headers['x-correlation-id'], id)
})

test('a correlation id of the SDK\'s own making is accepted', async () => {
  const root = backend({ extend: (builder) => builder.withCorrelationIdMiddleware() })
  const { statusCode, headers } = await root.carts().get({ queryArgs: { limit: 1 } }).execute()
  assert.equal(statusCode, 200)
  assert.match(headers['x-correlation-id'], /^[0-9a-f]+-/)
})

test('a token that died is replaced by the SDK and the request repeated', async () => {
  const cache = tokenCache({ token: 'died', expirationTime: Date.now() + 3_600_000 })
  const { statusCode } = await backend({ cache }).carts().get({ queryArgs: { limit: 1 } }).execute()
  assert.equal(statusCode, 200)
  assert.notEqual(cache.content.token, 'died')
})

test('an order needs a shipping address', async () => {
  const anna = guest()
  const me = anna.api.me()
  const product = await anyProduct(anna.api)
  const cart = await updateCart(me, await createCart(me), addLineItem(product))
  const failure = await failureOf(me.orders().post({ body: { id: cart.id, version: cart.version } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.match(failure.code, /./)
})
