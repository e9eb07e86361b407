import { parse, separateOperations } from 'graphql'

/**
 * The document with every operation but the chosen one, and every fragment that one does not reach, blanked out.
 *
 * GraphiQL sends the whole tab. jifen counts what stands in a document before it runs one (at most one login,
 * registration or money mutation, for instance), so a tab that holds a tour of examples would be refused as a whole.
 * Blanks instead of a shorter text keep the line and column of every error where the reader sees it.
 */
export function onlyOperation(source, operationName) {
  const document = parsed(source)
  const wanted = document && separateOperations(document)[operationName ?? '']
  if (!wanted) return source

  const kept = new Set(wanted.definitions)
  let text = source
  for (const definition of document.definitions) {
    if (kept.has(definition)) continue
    const { start, end } = definition.loc
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]/g, ' ') + text.slice(end)
  }
  return text
}

/** A document with a mistake in it goes to the server as it is: its message is the one worth reading. */
function parsed(source) {
  try {
    return parse(source)
  } catch {
    return null
  }
}
