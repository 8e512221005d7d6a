// The gallery, and its screens as a browser has them: each state in each language, looked at once for all checks.

import { test as bare, type Page } from '@playwright/test'
import { withGallery } from '../support/apart'
import { GENKAN } from '../support/places'
import type { Language } from '../support/texts'

export const LANGUAGES: Language[] = ['ja', 'en']
export const THEMES = ['light', 'dark']
/** A small telephone, and a desk. */
export const WIDTHS = [320, 1280]
export const HEIGHT = 800

/** Each screen, in the state in which it is met first. */
export const SCREENS = [
  'login', 'login-again', 'login-code-sent', 'factor-totp', 'registration', 'verification', 'verification-done',
  'recovery', 'settings', 'settings-profile', 'settings-password', 'settings-totp', 'settings-lookup',
  'settings-passkey', 'settings-webauthn', 'settings-oidc', 'sessions', 'logout', 'consent', 'hand-off', 'error',
  'error-not-found',
]

/** One screen in one state and language. */
export type Screen = Awaited<ReturnType<typeof look>>

type WorkerFixtures = {
  /** The names of all states. The gallery serves them while this fixture is in use. */
  states: string[]
  /** All states in all languages. */
  screens: Screen[]
}

export const test = bare.extend<object, WorkerFixtures>({
  states: [
    async ({}, use) =>
      withGallery(async () => {
        const response = await fetch(`${GENKAN}/gallery/states.json`)
        await use((await response.json()) as string[])
      }),
    { scope: 'worker' },
  ],
  screens: [
    async ({ browser, states }, use) => {
      const page = await browser.newPage({ viewport: { width: WIDTHS[0]!, height: HEIGHT } })
      const screens: Screen[] = []
      for (const state of states) {
        for (const language of LANGUAGES) screens.push(await look(page, state, language))
      }
      await page.close()
      await use(screens)
    },
    { scope: 'worker', timeout: 300_000 },
  ],
})

/** Opens one state. */
export async function open(page: Page, state: string, language: Language, theme = 'light') {
  // A page that leads on at once stays: with no content there is nowhere to go.
  await page.route(
    url => url.origin !== GENKAN,
    route => route.fulfill({ status: 204 }),
  )
  const response = await page.goto(`${GENKAN}/gallery/${state}?lang=${language}&theme=${theme}`)
  if (!response) throw new Error(`no answer for ${state}`)
  return response
}

/** Opens what is a step away: further ways, and the questions before something is removed. */
export async function openAll(page: Page) {
  await page.locator('details').evaluateAll(all => all.forEach(it => ((it as HTMLDetailsElement).open = true)))
}

/** Fails with all that is wrong, by screen. */
export function check(screens: Screen[], faults: (screen: Screen) => (string | false | undefined)[]) {
  fail(screens.flatMap(screen => faults(screen).flatMap(fault => (fault ? [`${screen.state} ${screen.language}: ${fault}`] : []))))
}

/** Fails if there are faults. */
export function fail(faults: string[]) {
  if (faults.length > 0) throw new Error(`${faults.length} faults\n${faults.join('\n')}`)
}

async function look(page: Page, state: string, language: Language) {
  /** What the page logs. */
  const troubles: string[] = []
  const hear = (message: { type(): string; text(): string }) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) troubles.push(message.text())
  }
  page.on('console', hear)
  const response = await open(page, state, language)
  // What has `autofocus` gets the focus before the first picture.
  await page.evaluate(() => new Promise(requestAnimationFrame))
  const facts = await page.evaluate(readFacts)
  page.off('console', hear)
  return {
    state,
    language,
    status: response.status(),
    headers: response.headers(),
    html: await response.text(),
    facts,
    troubles,
  }
}

export type Field = {
  id: string
  name: string
  type: string
  attributes: Record<string, string>
  hasVisibleLabel: boolean
  describedBy: string[]
  height: number
  fontSize: number
  direction: string
}

type Form = {
  method: string
  action: string
  noValidate: boolean
  hasToken: boolean
  /** The classes of its buttons; the enter key presses the first. */
  submits: string[]
  /** Whether it has a field in which Enter can be pressed. */
  hasText: boolean
  hasUsername: boolean
  /** Whether an authenticator's answer sends it. */
  isCeremony: boolean
  passwords: string[]
}

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
      hasVisibleLabel: label !== undefined && isVisible(label) && text(label) !== '',
      describedBy: (input.getAttribute('aria-describedby') ?? '').split(' ').filter(id => id !== ''),
      height: input.getBoundingClientRect().height,
      fontSize: Number.parseFloat(getComputedStyle(input).fontSize),
      direction: getComputedStyle(input).direction,
    }
  }
  const form = (form: HTMLFormElement): Form => {
    const submits = [...form.elements].filter(it => it.matches('button[type=submit]'))
    return {
      // A field of this name hides the property.
      method: form.getAttribute('method') ?? '',
      action: form.getAttribute('action') ?? '',
      noValidate: form.noValidate,
      hasToken: form.querySelector('input[name=csrf_token]') !== null,
      submits: submits.map(it => it.className),
      hasText: form.querySelector('input:not([type=hidden], [type=checkbox], [type=radio])') !== null,
      hasUsername: form.querySelector('[autocomplete^=username]') !== null,
      isCeremony: form.querySelector('[data-ceremony]') !== null,
      passwords: [...form.querySelectorAll('input[type=password]')].map(it => it.getAttribute('autocomplete') ?? ''),
    }
  }
  const links = (selector: string) =>
    all(selector).map(it => ({ text: text(it), href: it.getAttribute('href'), lang: it.getAttribute('lang'), hreflang: it.getAttribute('hreflang') }))
  const summary = document.querySelector('#error-summary')
  return {
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    viewport: document.querySelector('meta[name=viewport]')?.getAttribute('content') ?? '',
    title: document.title,
    h1: all('h1').map(text),
    landmarks: ['main', 'header', 'footer'].map(name => all(`body > ${name}`).length),
    skip: links('a')[0],
    headings: all('h1, h2, h3, h4').map(it => Number(it.tagName.slice(1))),
    duplicateIds: ids.filter((id, at) => ids.indexOf(id) !== at),
    danglingIds: all('[aria-describedby], [aria-labelledby], [aria-controls], [for]')
      .flatMap(it => ['aria-describedby', 'aria-labelledby', 'aria-controls', 'for'].flatMap(name => (it.getAttribute(name) ?? '').split(' ')))
      .filter(id => id !== '' && !document.getElementById(id)),
    placeholders: all('[placeholder]').length,
    tabIndexes: all('[tabindex]').map(it => Number(it.getAttribute('tabindex'))),
    autofocus: all('[autofocus]').map(it => it.id),
    active: document.activeElement?.id || document.activeElement?.tagName || '',
    inline: all('[style], style, script:not([src]), base').length,
    /** Attributes that hold code. */
    code: all('*').flatMap(it =>
      [...it.attributes].filter(({ name, value }) => /^on|^srcdoc$/.test(name) || /^\s*javascript:/i.test(value)).map(({ name }) => name),
    ),
    languages: links('footer a[hreflang]'),
    summary: summary && {
      role: summary.getAttribute('role'),
      heading: text(summary.querySelector('h2')),
      items: [...summary.querySelectorAll('li')].map(it => ({ text: text(it), href: it.querySelector('a')?.getAttribute('href') })),
    },
    hasNotice: document.querySelector('#notice') !== null,
    invalid: all<HTMLInputElement>('[aria-invalid=true]').map(field),
    /** What stands at a field, without the word before it that is only read out. */
    errorTexts: Object.fromEntries(
      all('.field .error').map(it => {
        const copy = it.cloneNode(true) as Element
        copy.querySelectorAll('.vh').forEach(word => word.remove())
        return [it.id, [...copy.children].map(text).concat(copy.children.length === 0 ? text(copy) : [])]
      }),
    ),
    fields: all<HTMLInputElement>('main input:not([type=hidden]), main select, main textarea').filter(isVisible).map(field),
    secrets: all<HTMLInputElement>('input[type=password], input[autocomplete=one-time-code], #lookup-secret').map(it => it.getAttribute('value') ?? ''),
    forms: all<HTMLFormElement>('main form').map(form),
    primaries: all('main .btn.primary').filter(isVisible).length,
    targets: all('button, .btn, summary, a')
      .filter(it => isVisible(it) && !it.matches('.skip'))
      .map(it => ({
        text: text(it),
        isInline: getComputedStyle(it).display === 'inline',
        isButton: it.matches('button, .btn, summary'),
        height: it.getBoundingClientRect().height,
        width: it.getBoundingClientRect().width,
      })),
    /** Addresses in sentences that nothing sets apart. */
    addresses: all('main p, main h1, main li, main dd')
      .map(it => {
        const copy = it.cloneNode(true) as Element
        copy.querySelectorAll('bdi, code').forEach(apart => apart.remove())
        return text(copy)
      })
      .filter(words => /\S+@\S+/.test(words)),
    /** What people read, without what is marked as being in another language. */
    words: (() => {
      const copy = document.body.cloneNode(true) as HTMLElement
      copy.querySelectorAll(`[lang]:not([lang=${document.documentElement.lang}]), bdi, code, footer, input`).forEach(it => it.remove())
      document.body.append(copy)
      const seen = copy.innerText
      // What is only read out, and what the script has to say.
      const said = ['aria-label', 'data-cancelled', 'data-known', 'data-failed', 'data-waiting', 'data-shown', 'data-hidden', 'data-copied', 'data-default']
      const heard = said.flatMap(name => [...copy.querySelectorAll(`[${name}]`)].map(it => it.getAttribute(name)))
      copy.remove()
      return [seen, ...heard].join('\n')
    })(),
  }
}
