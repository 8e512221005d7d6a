// What axe finds on the screens: all states, both languages, light and dark, narrow and wide.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, type Page } from '@playwright/test'
import type { Language } from '../support/texts'
import { fail, HEIGHT, LANGUAGES, open, openAll, test, THEMES, WIDTHS } from './gallery'

/** WCAG 2.2 A and AA, and what axe holds for good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type Node = { html: string; any: { message: string }[] }
type Axe = {
  run(context: Document, options: object): Promise<Record<'violations' | 'incomplete', { id: string; nodes: Node[] }[]>>
}

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    for (const width of WIDTHS) {
      test(`C07 axe finds nothing: ${language}, ${theme}, ${width} px`, async ({ browser, states }) => {
        const page = await browser.newPage({ viewport: { width, height: HEIGHT } })
        await expectNothing(page, states, language, theme)
      })
    }
  }

  test(`C07 axe finds nothing where all is opened: ${language}`, async ({ browser, states }) => {
    const page = await browser.newPage({ viewport: { width: WIDTHS[0]!, height: HEIGHT } })
    await expectNothing(page, states, language, language === 'ja' ? 'light' : 'dark', () => openAll(page))
  })

  // Where scripts are switched off axe cannot run either.
  test(`C07 axe finds nothing where no script came: ${language}`, async ({ browser, states }) => {
    const page = await browser.newPage({ viewport: { width: WIDTHS[0]!, height: HEIGHT } })
    await page.route('**/*.js', route => route.abort())
    await expectNothing(page, states, language, 'light')
  })

  test(`C07 axe finds nothing where an answer did not arrive: ${language}`, async ({ browser, states }) => {
    const page = await browser.newPage({ viewport: { width: WIDTHS[0]!, height: HEIGHT } })
    await expectNothing(page, states.filter(state => state === 'login'), language, 'light', async () => {
      await page.route('**/fragments/**', route => route.abort())
      await page.locator('form [type=submit]').first().click()
      await expect(page.locator('#net-error')).toBeVisible()
      // At the end of the page it lies over nothing.
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    })
  })
}

/** Fails with what axe finds in these states, and closes the page. */
async function expectNothing(page: Page, states: string[], language: Language, theme: string, act?: () => Promise<void>) {
  test.setTimeout(600_000)
  const faults: string[] = []
  for (const state of states) {
    await open(page, state, language, theme)
    await act?.()
    await page.evaluate(AXE)
    const found = await page.evaluate(run, TAGS)
    faults.push(...found.map(fault => `${state}: ${fault}`))
  }
  await page.close()
  fail(faults)
}

/** Violations, and colours that axe cannot make out. Runs in the browser. */
async function run(tags: string[]): Promise<string[]> {
  const { axe } = window as unknown as { axe: Axe }
  const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations', 'incomplete'] }
  const { violations, incomplete } = await axe.run(document, options)
  const doubts = incomplete.filter(({ id }) => id === 'color-contrast')
  return [...violations, ...doubts].flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any.map(it => it.message).join(' ')}`),
  )
}
