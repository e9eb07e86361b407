import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vite'

/**
 * GraphiQL's stylesheet carries Roboto and Fira Code as base64, which is 360 KB of its 420. We use the fonts of the
 * reader's own system instead (see src/style.css): they are already there, they know Chinese, and `font-src 'none'`
 * stays possible.
 */
const withoutEmbeddedFonts = {
  name: 'without-embedded-fonts',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('/graphiql/dist/style.css')) return null
    return { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null }
  },
}

export default defineConfig({
  // The server answers /graphiql and /graphiql/assets/*, and the page sits at a URL without a trailing slash, so
  // relative addresses would resolve one folder too high.
  base: '/graphiql/',
  plugins: [withoutEmbeddedFonts],
  resolve: { alias: { 'react-style-singleton': fileURLToPath(new URL('src/no-scroll-lock.js', import.meta.url)) } },
  build: {
    outDir: '../../assets/graphiql',
    emptyOutDir: true,
    // Anything inlined would be a data: URL, and the page's Content-Security-Policy is there to refuse those.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // The licences of what is bundled ask to travel with every copy, and the binary is a copy.
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1500,
    // One script instead of some thirty: GraphiQL fetches each editor add-on by itself otherwise, which buys nothing
    // for a page that needs them all at once.
    rolldownOptions: {
      output: { codeSplitting: false },
      // React's "use client" marks mean nothing without a server that renders, and fill the screen with warnings.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
  server: {
    // `npm run dev` talks to a jifen that is already running.
    proxy: { '/graphql': process.env.JIFEN_URL ?? 'http://localhost:8000' },
  },
})
