/**
 * Stands in for the package `react-style-singleton` (see vite.config.js).
 *
 * GraphiQL's dialogs and menus use it for one thing: a style element which stops the page behind them from scrolling.
 * This page is exactly as high as the window and never scrolls, and without that element the Content-Security-Policy can
 * refuse every inline style.
 */
export const styleSingleton = () => () => null
