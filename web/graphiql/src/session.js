/**
 * Who this browser tab is signed in as.
 *
 * The token lives in sessionStorage: it survives a reload, other tabs can be other members, and closing the tab forgets
 * it. The server alone decides when a session is over. Comparing `expiresAt` with the clock of this machine would lock
 * out everybody whose clock is wrong, so we wait to be told.
 */

const STORAGE_KEY = 'jifen:session'
const SIGNED_OUT = { token: null, name: null, expiresAt: null, overridden: false, notice: null }
const SESSION_OVER = new Set(['UNAUTHENTICATED', 'TOKEN_EXPIRED'])
const SIGN_OUT_FIELDS = ['logout', 'logoutEverywhere']

let state = { ...SIGNED_OUT, ...stored() }
const listeners = new Set()

// These two are what React's useSyncExternalStore asks for.
export const snapshot = () => state
export function subscribe(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const token = () => state.token

/** Remembers whether the Headers tab spoke for itself, so that the bar never names a member whose token was not sent. */
export function noteOverride(overridden) {
  if (overridden !== state.overridden) change({ ...state, overridden })
}

export function signOut(notice = null) {
  change({ ...SIGNED_OUT, notice })
}

/**
 * Looks at a result for a session that begins or ends. `sent` is the token of ours that went with its request; the answer
 * is whether the server refused it.
 */
export function observe(result, sent) {
  const payloads = Object.values(result?.data ?? {})
  const opened = payloads.find((payload) => typeof payload?.session?.accessToken === 'string')
  if (opened) {
    const { accessToken, expiresAt = null } = opened.session
    change({ ...state, token: accessToken, expiresAt, name: nameOf(opened.member), notice: null })
    return false
  }

  // An answer that was on its way while somebody else signed in says nothing about the new session.
  if (!sent || sent !== state.token) return false

  const refused = result?.errors?.some?.((error) => SESSION_OVER.has(error?.extensions?.code)) ?? false
  const loggedOut = SIGN_OUT_FIELDS.some((field) => result?.data?.[field] && !result.data[field].userErrors?.length)
  if (refused) signOut('The session is over: sign in again.')
  else if (loggedOut) signOut()
  return refused
}

/** The reply may select no member at all; being signed in without a name is fine. */
function nameOf(member) {
  return member?.username ?? member?.name ?? member?.email ?? member?.number ?? null
}

function change(next) {
  state = next
  store(next)
  for (const listener of listeners) listener()
}

// Storage throws where the user has forbidden it, and the session then simply lasts until the next reload.
function stored() {
  try {
    const { token, name, expiresAt } = JSON.parse(sessionStorage.getItem(STORAGE_KEY)) ?? {}
    return typeof token === 'string' ? { token, name, expiresAt } : {}
  } catch {
    return {}
  }
}

function store({ token, name, expiresAt }) {
  try {
    if (token) sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ token, name, expiresAt }))
    else sessionStorage.removeItem(STORAGE_KEY)
  } catch {
    // See above.
  }
}
