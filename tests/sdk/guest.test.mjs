// A guest's way from the first look at a product to the placed order, with the v3 client.
import test from 'node:test'
import assert from 'node:assert/strict'
import {
  addLineItem, anyProduct, backend, bearer, createCart, failureOf, germany, guest, unique, updateCart,
} from './support.mjs'

test('a guest looks at products, fills a cart and orders it', async () => {
  const anna = guest()
  const me = anna.api.me()
  const product = await anyProduct(anna.api)
  const unitPrice = product.masterVariant.price.value

  const empty = await createCart(me)
  assert.equal(empty.version, 1)
  assert.equal(empty.cartState, 'Active')
  assert.equal(empty.origin, 'Customer')
  assert.equal(empty.customerId, undefined)
  assert.match(empty.anonymousId, /./)
  assert.deepEqual(empty.lineItems, [])
  assert.equal(empty.totalPrice.centAmount, 0)

  const filled = await updateCart(me, empty, addLineItem(product, 2))
  assert.equal(filled.lineItems.length, 1)
  assert.equal(filled.lineItems[0].productId, product.id)
  assert.equal(filled.lineItems[0].quantity, 2)
  assert.equal(filled.totalLineItemQuantity, 2)
  assert.deepEqual(filled.lineItems[0].price.value, unitPrice)
  assert.equal(filled.totalPrice.centAmount, 2 * unitPrice.centAmount)
  assert.equal(filled.anonymousId, empty.anonymousId)

  const addressed = await updateCart(me, filled,
    { action: 'setShippingAddress', address: germany },
    { action: 'setBillingAddress', address: germany },
    { action: 'setCustomerEmail', email: 'anna@example.com' })
  assert.equal(addressed.shippingAddress.city, 'Berlin')
  assert.equal(addressed.billingAddress.country, 'DE')
  assert.equal(addressed.customerEmail, 'anna@example.com')
  assert.ok(addressed.taxedPrice, 'a cart with a shipping address knows its taxes')
  assert.equal(addressed.taxedPrice.totalGross.centAmount,
    addressed.taxedPrice.totalNet.centAmount + addressed.taxedPrice.totalTax.centAmount)

  const { body: order, statusCode } = await me.orders()
    .post({ body: { id: addressed.id, version: addressed.version } }).execute()
  assert.equal(statusCode, 201)
  assert.equal(order.anonymousId, empty.anonymousId)
  assert.equal(order.cart.id, empty.id)
  assert.equal(order.orderState, 'Open')
  assert.equal(order.customerEmail, 'anna@example.com')
  assert.deepEqual(order.totalPrice, addressed.totalPrice)

  const { body: ordered } = await me.carts().withId({ ID: empty.id }).get().execute()
  assert.equal(ordered.cartState, 'Ordered')
  const { body: mine } = await me.orders().get().execute()
  assert.deepEqual(mine.results.map((one) => one.id), [order.id])
  const { body: again } = await me.orders().withId({ ID: order.id }).get().execute()
  assert.equal(again.id, order.id)
})

test('quantities change, lines go, and the totals follow', async () => {
  const anna = guest()
  const me = anna.api.me()
  const product = await anyProduct(anna.api)
  const price = product.masterVariant.price.value.centAmount
  const cart = await updateCart(me, await createCart(me), addLineItem(product, 3))
  const [line] = cart.lineItems

  const more = await updateCart(me, cart, { action: 'changeLineItemQuantity', lineItemId: line.id, quantity: 5 })
  assert.equal(more.totalPrice.centAmount, 5 * price)
  const fewer = await updateCart(me, more, { action: 'removeLineItem', lineItemId: line.id, quantity: 4 })
  assert.equal(fewer.lineItems[0].quantity, 1)
  assert.equal(fewer.totalPrice.centAmount, price)
  const none = await updateCart(me, fewer, { action: 'removeLineItem', lineItemId: line.id })
  assert.deepEqual(none.lineItems, [])
  assert.equal(none.totalPrice.centAmount, 0)
})

test('the same variant added twice is one line', async () => {
  const anna = guest()
  const me = anna.api.me()
  const product = await anyProduct(anna.api)
  const once = await updateCart(me, await createCart(me), addLineItem(product, 1))
  const twice = await updateCart(me, once, addLineItem(product, 2))
  assert.equal(twice.lineItems.length, 1)
  assert.equal(twice.lineItems[0].quantity, 3)
})

test('a guest has one active cart: the one changed last', async () => {
  const anna = guest()
  const me = anna.api.me()
  const first = await createCart(me)
  await createCart(me)
  const touched = await updateCart(me, first, { action: 'setCountry', country: 'DE' },
    { action: 'setCustomerEmail', email: 'anna@example.com' })
  const { body: active } = await me.activeCart().get().execute()
  assert.equal(active.id, touched.id)
})

test('a guest without a cart gets 404 for the active cart', async () => {
  const failure = await failureOf(guest().api.me().activeCart().get().execute())
  assert.equal(failure.statusCode, 404)
})

test('nobody sees the cart of another guest', async () => {
  const anna = guest()
  const berta = guest()
  const cart = await createCart(anna.api.me())
  const look = await failureOf(berta.api.me().carts().withId({ ID: cart.id }).get().execute())
  assert.equal(look.statusCode, 404)
  const write = await failureOf(berta.api.me().carts().withId({ ID: cart.id })
    .post({ body: { version: cart.version, actions: [{ action: 'setCustomerEmail', email: 'b@example.com' }] } })
    .execute())
  assert.equal(write.statusCode, 404)
  const { body: list } = await berta.api.me().carts().get().execute()
  assert.equal(list.count, 0)
})

test('a guest may bring an identifier, which the cart then has', async () => {
  const anonymousId = unique('phone')
  const anna = guest({ anonymousId })
  const cart = await createCart(anna.api.me())
  assert.equal(cart.anonymousId, anonymousId)
})

test('an identifier in use is refused for a second session', async () => {
  const anonymousId = unique('phone')
  await createCart(guest({ anonymousId }).api.me())
  const failure = await failureOf(createCart(guest({ anonymousId }).api.me()))
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'invalid_request')
})

test('a guest deletes a cart with its version', async () => {
  const anna = guest()
  const me = anna.api.me()
  const cart = await createCart(me)
  const { statusCode, body } = await me.carts().withId({ ID: cart.id })
    .delete({ queryArgs: { version: cart.version } }).execute()
  assert.equal(statusCode, 200)
  assert.equal(body.id, cart.id)
  const failure = await failureOf(me.carts().withId({ ID: cart.id }).get().execute())
  assert.equal(failure.statusCode, 404)
})

test('a guest does not reach the carts of the whole project', async () => {
  const failure = await failureOf(guest().api.carts().get().execute())
  assert.equal(failure.statusCode, 403)
  assert.equal(failure.code, 'insufficient_scope')
})

test('a made-up token is refused with 401', async () => {
  const failure = await failureOf(bearer('made-up').me().carts().get().execute())
  assert.equal(failure.statusCode, 401)
  assert.equal(failure.code, 'invalid_token')
})

test('a backend finds a guest\'s cart by the anonymous id', async () => {
  const cart = await createCart(guest().api.me())
  const { body } = await backend().carts()
    .get({ queryArgs: { where: `anonymousId = "${cart.anonymousId}"` } }).execute()
  assert.deepEqual(body.results.map((one) => one.id), [cart.id])
})
