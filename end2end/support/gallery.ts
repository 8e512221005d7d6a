// The screens of the gallery as a browser has them: each state in each language, gathered once for all checks.

import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from '@playwright/test'
import { GENKAN } from './places'
import type { Language } from './texts'

const LANGUAGES: Language[] = ['ja', 'en']
const WIDTHS = [320, 1280]
const HEIGHT = 800

/** WCAG 2.2 A and AA, and what axe holds for good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** One screen in one state and language. */
export type Screen = {
  state: string
  language: Language
  status: number
  headers: Record<string, string>
  html: string
  facts: Facts
  /** How far the page is wider than its window, at each width. */
  overflow: Record<number, number>
  /** What axe finds, by theme and width. */
  axe: string[]
  /** What the page logs. */
  troubles: string[]
}

/** Opens all states in a browser and looks at them. */
export async function gather(browser: Browser): Promise<Screen[]> {
  const states = (await (await fetch(`${GENKAN}/gallery/states.json`)).json()) as string[]
  const page = await browser.newPage({ viewport: { width: WIDTHS[0]!, height: HEIGHT } })
  // A page that leads on at once is looked at before it does.
  await page.route('**/*', route => (new URL(route.request().url()).origin === GENKAN ? route.continue() : route.abort()))
  const screens: Screen[] = []
  for (const state of states) {
    for (const language of LANGUAGES) screens.push(await look(page, state, language))
  }
  await page.close()
  return screens
}

async function look(page: Page, state: string, language: Language): Promise<Screen> {
  const troubles: string[] = []
  const hear = (message: { type(): string; text(): string }) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) troubles.push(message.text())
  }
  page.on('console', hear)
  await page.setViewportSize({ width: WIDTHS[0]!, height: HEIGHT })
  const response = await page.goto(`${GENKAN}/gallery/${state}?lang=${language}&theme=light`)
  if (!response) throw new Error(`no answer for ${state}`)
  const facts = await page.evaluate(readFacts)
  await page.evaluate(AXE)
  const overflow: Record<number, number> = {}
  const axe: string[] = []
  for (const theme of ['light', 'dark']) {
    await page.evaluate(theme => document.documentElement.setAttribute('data-theme', theme), theme)
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT })
      overflow[width] = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      // All but colours and sizes is the same everywhere.
      const isFirst = theme === 'light' && width === WIDTHS[0]
      const found = await page.evaluate(runAxe, isFirst ? { tags: TAGS } : { rules: ['color-contrast', 'target-size'] })
      axe.push(...found.map(it => `${theme} ${width}: ${it}`))
    }
  }
  page.off('console', hear)
  return {
    state,
    language,
    status: response.status(),
    headers: response.headers(),
    html: await response.text(),
    facts,
    overflow,
    axe,
    troubles,
  }
}

type Axe = {
  run(
    context: Document,
    options: object,
  ): Promise<Record<'violations' | 'incomplete', { id: string; nodes: { html: string; any: { message: string }[] }[] }[]>>
}

/** Violations, and colours that axe cannot make out. */
async function runAxe({ tags, rules }: { tags?: string[]; rules?: string[] }): Promise<string[]> {
  const { axe } = window as unknown as { axe: Axe }
  const runOnly = tags ? { type: 'tag', values: tags } : { type: 'rule', values: rules }
  const { violations, incomplete } = await axe.run(document, { runOnly, resultTypes: ['violations', 'incomplete'] })
  const doubts = incomplete.filter(({ id }) => id === 'color-contrast')
  return [...violations, ...doubts].flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any.map(it => it.message).join(' ')}`),
  )
}

export type Field = {
  id: string
  name: string
  type: string
  attributes: Record<string, string>
  label: string
  hasVisibleLabel: boolean
  describedBy: string[]
  height: number
  fontSize: number
}

export type Form = {
  method: string
  action: string
  noValidate: boolean
  hasToken: boolean
  submits: number
  passwords: string[]
  hx: string[]
}

export type Facts = ReturnType<typeof readFacts>

/** What can be read off a page. Runs in the browser. */
function readFacts() {
  const all = <E extends Element>(selector: string) => [...document.querySelectorAll<E>(selector)]
  const text = (element: Element | null | undefined) => (element?.textContent ?? '').replace(/\s+/g, ' ').trim()
  const isVisible = (element: Element) => element.checkVisibility({ visibilityProperty: true })
  const attributes = (element: Element) => Object.fromEntries([...element.attributes].map(it => [it.name, it.value]))
  const ids = all('[id]').map(it => it.id)
  const field = (input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): Field => {
    const label = input.labels?.[0]
    return {
      id: input.id,
      name: input.name,
      type: input.type,
      attributes: attributes(input),
      label: text(label),
      hasVisibleLabel: label !== undefined && isVisible(label),
      describedBy: (input.getAttribute('aria-describedby') ?? '').split(' ').filter(id => id !== ''),
      height: input.getBoundingClientRect().height,
      fontSize: Number.parseFloat(getComputedStyle(input).fontSize),
    }
  }
  const form = (form: HTMLFormElement): Form => ({
    method: form.method,
    action: form.getAttribute('action') ?? '',
    noValidate: form.noValidate,
    hasToken: form.querySelector('input[name=csrf_token]') !== null,
    submits: form.querySelectorAll('button[type=submit]').length,
    passwords: [...form.querySelectorAll('input[type=password]')].map(it => it.getAttribute('autocomplete') ?? ''),
    hx: form.getAttributeNames().filter(name => name.startsWith('hx-')),
  })
  const summary = document.querySelector('#error-summary')
  return {
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    viewport: document.querySelector('meta[name=viewport]')?.getAttribute('content') ?? '',
    title: document.title,
    h1: all('h1').map(text),
    landmarks: ['main', 'header', 'footer'].map(name => all(`body > ${name}`).length),
    skip: text(document.querySelector('a')),
    headings: all('h1, h2, h3, h4').map(it => Number(it.tagName.slice(1))),
    duplicateIds: ids.filter((id, at) => ids.indexOf(id) !== at),
    danglingIds: all('[aria-describedby], [aria-labelledby], [for]')
      .flatMap(it => ['aria-describedby', 'aria-labelledby', 'for'].flatMap(name => (it.getAttribute(name) ?? '').split(' ')))
      .filter(id => id !== '' && !document.getElementById(id)),
    placeholders: all('[placeholder]').length,
    tabIndexes: all('[tabindex]').map(it => Number(it.getAttribute('tabindex'))),
    autofocus: all('[autofocus]').map(it => it.id),
    active: document.activeElement?.id || document.activeElement?.tagName || '',
    inline: all('[style]').length + all('style').length + all('script:not([src])').length,
    handlers: all('*').flatMap(it => it.getAttributeNames().filter(name => name.startsWith('on'))),
    languages: all('footer a[hreflang]').map(it => [it.getAttribute('lang'), it.getAttribute('hreflang')] as const),
    summary: summary && {
      heading: text(summary.querySelector('h2')),
      items: [...summary.querySelectorAll('li')].map(it => ({ text: text(it), href: it.querySelector('a')?.getAttribute('href') })),
    },
    hasNotice: document.querySelector('#notice') !== null,
    errors: all<HTMLInputElement>('[aria-invalid=true]').map(field),
    errorTexts: Object.fromEntries(all('.field .error').map(it => [it.id, text(it)])),
    fields: all<HTMLInputElement>('main input:not([type=hidden]), main select, main textarea').filter(isVisible).map(field),
    secrets: all<HTMLInputElement>('input[type=password], input[autocomplete=one-time-code]').map(it => it.getAttribute('value') ?? ''),
    forms: all<HTMLFormElement>('main form').map(form),
    primaries: all('main .btn.primary').filter(isVisible).length,
    targets: all('button, .btn, summary')
      .filter(isVisible)
      .map(it => ({ text: text(it), height: it.getBoundingClientRect().height, width: it.getBoundingClientRect().width })),
    addresses: all('main p').filter(it => /\S+@\S+/.test(text(it)) && !it.querySelector('bdi') && !it.closest('li')).map(text),
    body: document.body.innerText,
  }
}
