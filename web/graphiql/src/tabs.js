import ledgerQuery from './examples/ledger.graphql?raw'
import ledgerVariables from './examples/ledger.json?raw'
import tourQuery from './examples/tour.graphql?raw'
import tourVariables from './examples/tour.json?raw'

const EXAMPLES = {
  activeTabIndex: 0,
  tabs: [
    example('tour', 'Register', tourQuery, tourVariables),
    example('ledger', 'PointsLedger', ledgerQuery, ledgerVariables),
  ],
}

/**
 * Makes what GraphiQL keeps in the browser's storage whole before it starts: the examples on a first visit, and on every
 * visit the tab in front once more as `query`, `variables` and `headers`. Answers with the properties that follow.
 *
 * GraphiQL 4.1 keeps the tab in front twice and compares the copies when it starts. If they differ it opens an empty tab
 * and shows neither variables nor headers, and they do differ: after a first visit with `defaultTabs`, after a reload in
 * the half second before a change is written, and after every second reload with headers, because it erases one copy of
 * those while it starts. All this rests on names inside GraphiQL, which is bearable only because package.json pins its
 * exact version.
 */
export function prepareTabs() {
  try {
    const state = storedState() ?? EXAMPLES
    localStorage.setItem('graphiql:tabState', JSON.stringify(state))
    const front = state.tabs[state.activeTabIndex]
    for (const part of ['query', 'variables', 'headers']) {
      if (front[part]) localStorage.setItem(`graphiql:${part}`, front[part])
      else localStorage.removeItem(`graphiql:${part}`)
    }
    // Headers are kept unless the reader has turned that off in the settings. GraphiQL takes `false` for "hide the
    // setting", so off is `undefined`.
    const off = localStorage.getItem('graphiql:shouldPersistHeaders') === 'false'
    return { shouldPersistHeaders: off ? undefined : true }
  } catch {
    // The reader's browser forbids storage. GraphiQL breaks on finding that out by itself, so we say so.
    const { query, variables } = EXAMPLES.tabs[0]
    return { storage: null, query, variables }
  }
}

function storedState() {
  try {
    const state = JSON.parse(localStorage.getItem('graphiql:tabState'))
    return typeof state.tabs[state.activeTabIndex].id === 'string' ? state : null
  } catch (error) {
    if (error instanceof DOMException) throw error
    return null
  }
}

function example(id, operationName, query, variables) {
  return { id, title: operationName, operationName, query, variables, headers: null, response: null }
}
