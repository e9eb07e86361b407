import { createRoot } from 'react-dom/client'
import { GraphiQL } from 'graphiql'
import 'graphiql/style.css'
import './style.css'

import { fetcher } from './fetcher.js'
import { SessionBar } from './session-bar.jsx'
import { prepareTabs } from './tabs.js'

createRoot(document.getElementById('page')).render(
  <GraphiQL
    {...prepareTabs()}
    fetcher={fetcher}
    defaultQuery=""
    isHeadersEditorEnabled
    defaultEditorToolsVisibility="variables"
  >
    <GraphiQL.Logo>
      <SessionBar />
    </GraphiQL.Logo>
  </GraphiQL>,
)
