import { useSyncExternalStore } from 'react'

import { signOut, snapshot, subscribe } from './session.js'

const LINGERS = 'Forgets the token in this browser tab. To end the session on the server as well, run the logout mutation.'

/** Stands where GraphiQL has its logo. Says whose token goes with the requests, and offers to forget it. */
export function SessionBar() {
  const { token, name, expiresAt, overridden, notice } = useSyncExternalStore(subscribe, snapshot)
  return (
    <div className="jifen-session" role="status">
      {overridden && <span className="jifen-session-note">using the Authorization of the Headers tab</span>}
      {token && !overridden && (
        <span title={expiresAt ? `The access token is good until ${expiresAt}` : undefined}>
          signed in{name ? ' as ' : ''}
          {name && <strong>{name}</strong>}
        </span>
      )}
      {token && (
        <>
          {!overridden && ' · '}
          <button type="button" title={LINGERS} onClick={() => signOut()}>
            sign out{overridden && name ? ` ${name}` : ''}
          </button>
        </>
      )}
      {!token && notice && <span className="jifen-session-note">{notice}</span>}
      <span className="jifen-name">jifen</span>
    </div>
  )
}
