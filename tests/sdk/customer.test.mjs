// A guest becomes a customer: the cart comes along, the guest's session ends.
import test from 'node:test'
import assert from 'node:assert/strict'
import {
  addLineItem, anyProduct, backend, bearer, createCart, customer, failureOf, germany, guest, mobile, tokenRequest,
  unique, uniqueEmail, updateCart,
} from './support.mjs'

const password = 'correct horse battery'

const signUp = async (me, email, more = {}) => {
  const { body, statusCode } = await me.signup()
    .post({ body: { email, password, firstName: 'Anna', lastName: 'Beispiel', ...more } }).execute()
  assert.equal(statusCode, 201)
  return body
}

test('signing up takes the guest\'s cart and order along and ends the session', async () => {
  const anna = guest()
  const me = anna.api.me()
  const product = await anyProduct(anna.api)
  const email = uniqueEmail()
  const bought = await updateCart(me, await createCart(me), addLineItem(product),
    { action: 'setShippingAddress', address: germany })
  const { body: order } = await me.orders().post({ body: { id: bought.id, version: bought.version } }).execute()
  const open = await updateCart(me, await createCart(me), addLineItem(product, 2))
  const guestToken = anna.cache.content

  const { customer: account, cart } = await signUp(me, email)
  assert.equal(account.email, email)
  assert.doesNotMatch(JSON.stringify(account), /correct horse/)
  assert.equal(cart.id, open.id)
  assert.equal(cart.customerId, account.id)

  const dead = await failureOf(bearer(guestToken.token).me().carts().get().execute())
  assert.equal(dead.statusCode, 401)
  const refresh = await tokenRequest('/oauth/token', mobile,
    { grant_type: 'refresh_token', refresh_token: guestToken.refreshToken })
  assert.equal(refresh.status, 400)
  assert.equal(refresh.body.error, 'invalid_grant')

  const signedIn = customer(email, password).api.me()
  const { body: mine } = await signedIn.carts().get({ queryArgs: { where: 'cartState = "Active"' } }).execute()
  assert.deepEqual(mine.results.map((one) => one.id), [open.id])
  assert.equal(mine.results[0].customerId, account.id)
  assert.equal(mine.results[0].anonymousId, open.anonymousId)
  assert.equal(mine.results[0].lineItems[0].quantity, 2)
  const { body: orders } = await signedIn.orders().get().execute()
  assert.deepEqual(orders.results.map((one) => one.id), [order.id])
  const { body: profile } = await signedIn.get().execute()
  assert.equal(profile.id, account.id)
})

test('a customer\'s new cart belongs to the customer and to no session', async () => {
  const email = uniqueEmail()
  await signUp(guest().api.me(), email)
  const cart = await createCart(customer(email, password).api.me())
  assert.match(cart.customerId, /./)
  assert.equal(cart.anonymousId, undefined)
})

test('signing in merges both carts with the higher quantity', async () => {
  const email = uniqueEmail()
  await signUp(guest().api.me(), email)
  const home = customer(email, password).api
  const product = await anyProduct(home)
  const kept = await updateCart(home.me(), await createCart(home.me()), addLineItem(product, 2))

  const anna = guest()
  await updateCart(anna.api.me(), await createCart(anna.api.me()), addLineItem(product, 3))
  const { body, statusCode } = await anna.api.me().login()
    .post({ body: { email, password, activeCartSignInMode: 'MergeWithExistingCustomerCart' } }).execute()
  assert.equal(statusCode, 200)
  assert.equal(body.customer.email, email)
  assert.equal(body.cart.id, kept.id)
  assert.equal(body.cart.lineItems.length, 1)
  assert.equal(body.cart.lineItems[0].quantity, 3)

  const { body: active } = await customer(email, password).api.me().activeCart().get().execute()
  assert.equal(active.id, kept.id)
})

test('signing in can put the guest\'s cart in the place of the customer\'s', async () => {
  const email = uniqueEmail()
  await signUp(guest().api.me(), email)
  const home = customer(email, password).api
  await createCart(home.me())
  const anna = guest()
  const product = await anyProduct(anna.api)
  const brought = await updateCart(anna.api.me(), await createCart(anna.api.me()), addLineItem(product, 1))
  const { body } = await anna.api.me().login()
    .post({ body: { email, password, activeCartSignInMode: 'UseAsNewActiveCustomerCart' } }).execute()
  assert.equal(body.cart.id, brought.id)
  const { body: active } = await home.me().activeCart().get().execute()
  assert.equal(active.id, brought.id)
})

test('a wrong password is refused and leaves the guest\'s session and cart alone', async () => {
  const email = uniqueEmail()
  await signUp(guest().api.me(), email)
  const anna = guest()
  const cart = await createCart(anna.api.me())
  const failure = await failureOf(anna.api.me().login().post({ body: { email, password: 'wrong' } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'InvalidCredentials')
  const { body } = await anna.api.me().carts().withId({ ID: cart.id }).get().execute()
  assert.equal(body.version, cart.version)
})

test('the password flow refuses a wrong password', async () => {
  const email = uniqueEmail()
  await signUp(guest().api.me(), email)
  const failure = await failureOf(customer(email, 'wrong').api.me().get().execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'invalid_customer_account_credentials')
})

test('an e-mail address signs up once, whatever its case', async () => {
  const email = uniqueEmail()
  await signUp(guest().api.me(), email)
  const failure = await failureOf(
    guest().api.me().signup().post({ body: { email: email.toUpperCase(), password } }).execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'DuplicateField')
  assert.equal(failure.body.errors[0].field, 'email')
})

test('a backend hands a freely chosen session over when it creates the customer', async () => {
  const root = backend()
  const anonymousId = unique('foobar')
  const { body: cart } = await root.carts()
    .post({ body: { currency: 'USD', country: 'US', anonymousId } }).execute()
  assert.equal(cart.anonymousId, anonymousId)
  const { body } = await root.customers()
    .post({ body: { email: uniqueEmail(), password, firstName: 'Alice', anonymousId } }).execute()
  const { body: moved } = await root.carts().withId({ ID: cart.id }).get().execute()
  assert.equal(moved.customerId, body.customer.id)
  assert.equal(moved.anonymousId, anonymousId)
})

test('a customer changes the profile under its version', async () => {
  const email = uniqueEmail()
  const { customer: account } = await signUp(guest().api.me(), email)
  const me = customer(email, password).api.me()
  const { body } = await me
    .post({ body: { version: account.version, actions: [{ action: 'setFirstName', firstName: 'Berta' }] } }).execute()
  assert.equal(body.firstName, 'Berta')
  assert.ok(body.version > account.version)
})

test('a new password ends the use of the old one', async () => {
  const email = uniqueEmail()
  const { customer: account } = await signUp(guest().api.me(), email)
  const me = customer(email, password).api.me()
  await me.password().post({
    body: { version: account.version, currentPassword: password, newPassword: 'another one' },
  }).execute()
  const failure = await failureOf(customer(email, password).api.me().get().execute())
  assert.equal(failure.statusCode, 400)
  const { body } = await customer(email, 'another one').api.me().get().execute()
  assert.equal(body.email, email)
})
