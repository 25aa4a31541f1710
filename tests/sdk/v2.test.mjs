// The older client, which many shops still run: it keeps and uses rotated refresh tokens, and it
// renews a guest's token at the anonymous endpoint.
import test from 'node:test'
import assert from 'node:assert/strict'
import { ClientBuilder } from '@commercetools/sdk-client-v2'
import {
  addLineItem, admin, anyProduct, api, apiUrl, authUrl, createCart, failureOf, germany, guest, mobile, projectKey,
  uniqueEmail, updateCart,
} from './support.mjs'

const store = (content = { token: '', expirationTime: -1 }) => ({
  content,
  get() { return this.content },
  set(fresh) { this.content = fresh },
})

const options = (credentials, more = {}) =>
  ({ host: authUrl, projectKey, credentials, fetch, ...more })

const build = (flow) => api(flow(new ClientBuilder()).withHttpMiddleware({ host: apiUrl, fetch }).build())

const guestV2 = (cache = store()) => ({
  cache,
  api: build((builder) => builder.withAnonymousSessionFlow(options(mobile, { tokenCache: cache }))),
})

test('v2: a guest fills a cart and orders it', async () => {
  const anna = guestV2()
  const me = anna.api.me()
  const product = await anyProduct(anna.api)
  const cart = await updateCart(me, await createCart(me), addLineItem(product, 2),
    { action: 'setShippingAddress', address: germany })
  const { body: order } = await me.orders().post({ body: { id: cart.id, version: cart.version } }).execute()
  assert.equal(order.anonymousId, cart.anonymousId)
})

test('v2: an expired guest token is renewed at the anonymous endpoint and the cart is still there', async () => {
  const anna = guestV2()
  const cart = await createCart(anna.api.me())
  const { token, refreshToken } = anna.cache.content
  const later = guestV2(store({ token, refreshToken, expirationTime: 0 }))
  const { body } = await later.api.me().carts().withId({ ID: cart.id }).get().execute()
  assert.equal(body.id, cart.id)
  assert.notEqual(later.cache.content.refreshToken, refreshToken)
  const evenLater = guestV2(store({ ...later.cache.content, expirationTime: 0 }))
  const { body: again } = await evenLater.api.me().carts().withId({ ID: cart.id }).get().execute()
  assert.equal(again.id, cart.id)
})

test('v2: many requests at once fetch one token', async () => {
  const anna = guestV2()
  const carts = await Promise.all(Array.from({ length: 5 }, () => createCart(anna.api.me())))
  assert.equal(new Set(carts.map((cart) => cart.anonymousId)).size, 1)
})

test('v2: the password flow signs a customer in', async () => {
  const email = uniqueEmail()
  await guest().api.me().signup().post({ body: { email, password: 'secret' } }).execute()
  const root = build((builder) => builder.withPasswordFlow(
    options({ ...mobile, user: { username: email, password: 'secret' } })))
  const { body } = await root.me().get().execute()
  assert.equal(body.email, email)
})

test('v2: client credentials reach the project', async () => {
  const root = build((builder) => builder.withClientCredentialsFlow(options(admin)))
  const { body } = await root.get().execute()
  assert.equal(body.key, projectKey)
})

test('v2: errors carry status, code and message', async () => {
  const root = build((builder) => builder.withClientCredentialsFlow(options(admin)))
  const failure = await failureOf(root.carts().post({ body: { currency: 'EURO' } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.match(failure.message, /./)
  assert.match(failure.body.errors[0].code, /./)
})
