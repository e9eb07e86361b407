import assert from 'node:assert/strict'
import { test } from 'node:test'

import { onlyOperation } from './operation.js'

const SOURCE = `# a comment
query One { me { ...Name } }
mutation Two($a: String = "}") {
  login(a: $a) { ok }
}
fragment Name on Member { name }
`

test('the other operations and their fragments become blanks of the same shape', () => {
  const text = onlyOperation(SOURCE, 'Two')
  assert.match(text, /mutation Two/)
  assert.doesNotMatch(text, /One|Name/)
  assert.equal(text.length, SOURCE.length)
  assert.equal(text.indexOf('login'), SOURCE.indexOf('login'))
  assert.equal(text.split('\n').length, SOURCE.split('\n').length)
})

test('a fragment that the operation reaches stays', () => {
  const text = onlyOperation(SOURCE, 'One')
  assert.match(text, /fragment Name/)
  assert.doesNotMatch(text, /Two/)
})

test('an operation without a name is found, and what cannot be narrowed goes as it is', () => {
  assert.equal(onlyOperation('{ me { name } }', undefined), '{ me { name } }')
  assert.equal(onlyOperation(SOURCE, 'Three'), SOURCE)
  assert.equal(onlyOperation('{ me {', null), '{ me {')
})
