import { onlyOperation } from './operation.js'
import * as session from './session.js'

const ENDPOINT = '/graphql'
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

/** How GraphiQL reaches the server: one POST, with the token of the session unless the Headers tab brings its own. */
export async function fetcher(request, { headers: typed } = {}) {
  const { query, variables, operationName } = request
  const headers = new Headers(typed ?? {})
  if (!headers.has('accept')) headers.set('accept', ACCEPT)
  headers.set('content-type', 'application/json')

  const overridden = headers.has('authorization')
  const token = overridden ? null : session.token()
  if (token) headers.set('authorization', `Bearer ${token}`)
  session.noteOverride(overridden)

  const body = JSON.stringify({ query: onlyOperation(query, operationName), variables, operationName })
  let response
  try {
    response = await fetch(ENDPOINT, { method: 'POST', headers, body })
  } catch {
    return failure(`No answer from ${ENDPOINT}. Is the server still running?`)
  }

  const result = await read(response)
  const refused = session.observe(result, token)
  // The schema needs no session. Without a second try, a page opened with an old token would have no documentation.
  if (refused && operationName === 'IntrospectionQuery') return fetcher(request, { headers: typed })
  return result
}

/** A GraphQL error may come with any HTTP status, so the content type decides whether there is a result to show. */
async function read(response) {
  const type = response.headers.get('content-type') ?? ''
  const text = await response.text()
  if (/\bjson\b/.test(type)) {
    try {
      return JSON.parse(text)
    } catch {
      return failure(`HTTP ${response.status}: the body says ${type} and is not JSON.`)
    }
  }
  return failure(`HTTP ${response.status}: ${text.trim().slice(0, 500) || response.statusText || 'an empty answer'}`)
}

function failure(message) {
  return { errors: [{ message }] }
}
