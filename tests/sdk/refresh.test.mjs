// Refresh tokens, as the SDK really uses them: in parallel, and the first one again and again.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createCart, failureOf, guest, mobile, opaque, returning, tokenRequest } from './support.mjs'

const newGuest = async () => {
  const anna = guest()
  const cart = await createCart(anna.api.me())
  return { cart, refreshToken: anna.cache.content.refreshToken }
}

const cartOf = async (somebody, cart) =>
  (await somebody.api.me().carts().withId({ ID: cart.id }).get().execute()).body

const refresh = (refreshToken) =>
  tokenRequest('/oauth/token', mobile, { grant_type: 'refresh_token', refresh_token: refreshToken })

test('the refresh token alone brings the guest back to the cart', async () => {
  const { cart, refreshToken } = await newGuest()
  const back = returning(refreshToken)
  assert.equal((await cartOf(back, cart)).id, cart.id)
  assert.match(back.cache.content.refreshToken, /./)
})

test('ten requests at once with one refresh token all see the cart', async () => {
  const { cart, refreshToken } = await newGuest()
  const back = returning(refreshToken)
  const seen = await Promise.all(Array.from({ length: 10 }, () => cartOf(back, cart)))
  assert.deepEqual(new Set(seen.map((one) => one.id)), new Set([cart.id]))
})

test('a client that repeats its first refresh token for ever keeps the cart', async () => {
  const { cart, refreshToken } = await newGuest()
  for (let round = 0; round < 4; round += 1) {
    assert.equal((await cartOf(returning(refreshToken), cart)).id, cart.id)
  }
})

test('an answer that was lost can be asked for again, with the same successor', async () => {
  const { refreshToken } = await newGuest()
  const lost = await refresh(refreshToken)
  const again = await refresh(refreshToken)
  assert.equal(lost.status, 200)
  assert.equal(again.status, 200)
  assert.equal(again.body.refresh_token, lost.body.refresh_token)
})

test('a spent token whose successor is in use is theft and ends the family', async () => {
  const { refreshToken } = await newGuest()
  const second = (await refresh(refreshToken)).body.refresh_token
  const third = (await refresh(second)).body.refresh_token
  assert.notEqual(second, refreshToken)
  assert.notEqual(third, second)
  const thief = await refresh(refreshToken)
  assert.equal(thief.status, 400)
  assert.equal(thief.body.error, 'invalid_grant')
  const owner = await refresh(third)
  assert.equal(owner.status, 400)
  assert.equal(owner.body.error, 'invalid_grant')
})

test('another client cannot use the token, and it stays good for its owner', async () => {
  const { cart, refreshToken } = await newGuest()
  const failure = await failureOf(cartOf(returning(refreshToken, undefined, opaque), cart))
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'invalid_grant')
  assert.equal((await cartOf(returning(refreshToken), cart)).id, cart.id)
})

test('an unknown refresh token is an invalid grant', async () => {
  const failure = await failureOf(returning('made-up').api.me().carts().get().execute())
  assert.equal(failure.statusCode, 400)
  assert.equal(failure.code, 'invalid_grant')
})
