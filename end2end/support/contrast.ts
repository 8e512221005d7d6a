// Colours that can be told apart.

import { expect, type Page } from '@playwright/test'

/** What stands on what, and how much they must differ at least: WCAG 2.2, 1.4.3 and 1.4.11. */
const CONTRASTS: [string, string, number][] = [
  ['--c-text', '--c-surface', 4.5],
  ['--c-text', '--c-page', 4.5],
  ['--c-muted', '--c-surface', 4.5],
  ['--c-muted', '--c-page', 4.5],
  ['--c-link', '--c-surface', 4.5],
  ['--c-link', '--c-page', 4.5],
  ['--brand-on-accent', '--brand-accent', 4.5],
  ['--brand-on-accent', '--brand-accent-strong', 4.5],
  ['--c-danger', '--c-surface', 4.5],
  ['--c-danger', '--c-danger-bg', 4.5],
  ['--c-success', '--c-success-bg', 4.5],
  ['--c-warning', '--c-warning-bg', 4.5],
  ['--c-control', '--c-surface', 3],
  ['--c-control', '--c-page', 3],
  ['--brand-accent', '--c-surface', 3],
  ['--c-focus', '--c-surface', 3],
  ['--c-focus', '--c-page', 3],
  ['--c-focus', '--c-focus-gap', 3],
]

/** Whether the colours of the page's theme and brand can be told apart. */
export async function expectContrasts(page: Page) {
  const ratios = await page.evaluate(pairs => {
    const probe = document.body.appendChild(document.createElement('i'))
    const light = (name: string) => {
      probe.style.color = `var(${name})`
      const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g)!.slice(0, 3).map(Number)
      // https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
      const [red, green, blue] = [r!, g!, b!].map(part => part / 255).map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
    }
    return pairs.map(([above, below]) => {
      const [one, other] = [light(above), light(below)]
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    })
  }, CONTRASTS)
  const low = CONTRASTS.flatMap(([above, below, least], at) => (ratios[at]! < least ? [`${above} on ${below}: ${ratios[at]}`] : []))
  expect(low).toEqual([])
  // A name that there is not would be black on black.
  expect(new Set(ratios).size).toBeGreaterThan(10)
}
