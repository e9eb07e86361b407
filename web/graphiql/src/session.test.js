import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'

import { noteOverride, observe, signOut, snapshot, subscribe, token } from './session.js'

const opened = (accessToken, member) => ({ data: { entrance: { member, session: { accessToken, expiresAt: 'soon' } } } })
const refused = (code) => ({ data: null, errors: [{ message: '', extensions: { code } }] })

beforeEach(() => signOut())

test('a reply with a session signs in, under whatever name its field was selected', () => {
  observe(opened('a', { username: 'alice' }), null)
  assert.equal(token(), 'a')
  assert.equal(snapshot().name, 'alice')
  observe(opened('b'), 'a')
  assert.deepEqual([token(), snapshot().name], ['b', null])
})

test('a reply without one changes nothing, whatever its shape', () => {
  observe(opened('a', { email: 'a@example.com' }), null)
  for (const result of [null, {}, [], { data: null }, { data: { login: { session: null } } }, { errors: 'odd' }]) {
    assert.equal(observe(result, 'a'), false)
  }
  assert.equal(token(), 'a')
})

test('only a refusal of the token that is in use ends the session', () => {
  observe(opened('b'), null)
  assert.equal(observe(refused('TOKEN_EXPIRED'), 'a'), false)
  assert.equal(observe(refused('UNAUTHENTICATED'), null), false)
  assert.equal(observe(refused('FORBIDDEN'), 'b'), false)
  assert.equal(token(), 'b')
  assert.equal(observe(refused('TOKEN_EXPIRED'), 'b'), true)
  assert.equal(token(), null)
  assert.ok(snapshot().notice)
})

test('logging out with our token signs out, unless it failed', () => {
  observe(opened('a'), null)
  observe({ data: { logout: { userErrors: [{ code: 'X' }] } } }, 'a')
  assert.equal(token(), 'a')
  observe({ data: { logout: { userErrors: [] } } }, 'a')
  assert.equal(token(), null)
})

test('listeners hear of changes and of nothing else', () => {
  let heard = 0
  const stop = subscribe(() => (heard += 1))
  noteOverride(true)
  noteOverride(true)
  stop()
  noteOverride(false)
  assert.equal(heard, 1)
})
