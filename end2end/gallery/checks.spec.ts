// What holds on every screen: each test is one check of all states in both languages. What is seen with the eyes is in
// eyes.spec.ts.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { TEXTS } from '../support/texts'
import { expect } from '@playwright/test'
import { check, fail, LANGUAGES, open, SCREENS, test, type Field, type Screen } from './gallery'

const LOCALES = fileURLToPath(new URL('../../locales', import.meta.url))

const isError = ({ status }: Screen) => status >= 400

test('C01 a page says its language, and lets people zoom', ({ screens }) => {
  check(screens, ({ facts, language }) => [
    facts.lang !== language && `lang is ${facts.lang}`,
    facts.dir !== 'ltr' && `dir is ${facts.dir}`,
    facts.viewport !== 'width=device-width, initial-scale=1' && facts.viewport,
  ])
})

test('C02 a title is the heading and the name of the service, and no two screens share one', ({ screens }) => {
  check(screens, ({ facts, language }) => {
    const values = { page: facts.h1[0] ?? '', service: 'Genkan' }
    const title = TEXTS[language](facts.summary ? 'title-failed' : 'title', values)
    return [facts.title !== title && `${facts.title}, not ${title}`]
  })
  for (const language of LANGUAGES) {
    const titles = SCREENS.map(state => screens.find(it => it.state === state && it.language === language)?.facts.title)
    fail(titles.filter((title, at) => titles.indexOf(title) !== at).map(title => `${title} is there twice`))
  }
})

test('C03 there is one heading, one main, one header, one footer, and the skip link comes first', async ({ screens, page }) => {
  check(screens, ({ facts, language }) => [
    facts.h1.length !== 1 && `${facts.h1.length} headings`,
    facts.landmarks.join() !== '1,1,1' && `landmarks ${facts.landmarks.join()}`,
    (facts.skip?.text !== TEXTS[language]('skip') || facts.skip.href !== '#main') && `the first link is ${facts.skip?.text}`,
  ])
  // Where nothing has the focus already.
  await open(page, 'settings', 'ja')
  await page.keyboard.press('Tab')
  await expect(page.locator('.skip')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#main')).toBeFocused()
})

test('C04 ids are there once, and every field has a label in sight and no placeholder', ({ screens }) => {
  check(screens, ({ facts }) => [
    ...facts.duplicateIds.map(id => `id ${id} twice`),
    ...facts.danglingIds.map(id => `nothing has the id ${id}`),
    facts.placeholders > 0 && 'a placeholder',
    ...facts.fields.map(field => !field.hasVisibleLabel && `${field.name || field.id} has no label`),
  ])
})

test('C05 the link to the other language says which it is', ({ screens }) => {
  check(screens, ({ facts, language }) => {
    const other = language === 'ja' ? 'en' : 'ja'
    const isThere = facts.languages.some(({ lang, hreflang }) => lang === other && hreflang === other)
    return [!isThere && `languages ${JSON.stringify(facts.languages)}`]
  })
})

test('C06 every text is there in both languages, and no page has sentences of the other', ({ screens }) => {
  const keys = (language: string) =>
    ['ui.ftl', 'kratos.ftl'].flatMap(file => {
      const text = readFileSync(`${LOCALES}/${language}/${file}`, 'utf8')
      return [...text.matchAll(/^([a-z][\w-]*) =/gm)].map(([, key]) => key!)
    })
  const [japanese, english] = [keys('ja'), keys('en')]
  fail([
    ...japanese.filter(key => !english.includes(key)).map(key => `${key} is not in English`),
    ...english.filter(key => !japanese.includes(key)).map(key => `${key} is not in Japanese`),
  ])
  // Three words in a row are no name and no code.
  const foreign = { ja: /\b[A-Za-z]+ [a-z]+ [a-z]+\b/, en: /[ぁ-んァ-ヶ一-龠]{2,}/ }
  check(screens, ({ facts, language }) => [foreign[language].exec(facts.words)?.[0]])
})

const TYPED = { autocapitalize: 'none', spellcheck: 'false', required: '' }
const EMAIL = { ...TYPED, type: 'email', inputmode: 'email', dir: 'ltr' }
const PHONE = { ...EMAIL, type: 'text', inputmode: 'tel' }
const CODE = { ...TYPED, type: 'text', autocomplete: 'one-time-code', inputmode: 'numeric', enterkeyhint: 'go', dir: 'ltr' }
const NO_LIMITS = { maxlength: undefined, pattern: undefined }

type Wanted = Record<string, string | undefined>

/** What a field must be, by Kratos' name for it. */
const FIELDS: Record<string, (field: Field, screen: Screen) => Wanted> = {
  // Passkeys are offered in the list of addresses; where there are none the word for them does no harm.
  identifier: (_, { state }) => ({ ...(state.startsWith('login-phone') ? PHONE : EMAIL), id: 'identifier', autocomplete: 'username webauthn', enterkeyhint: 'next' }),
  password: (_, { state }) => {
    const name = /^(registration|settings)/.test(state) ? 'new-password' : 'current-password'
    return { ...TYPED, id: name, type: 'password', autocomplete: name, inputmode: undefined, enterkeyhint: 'go', maxlength: undefined }
  },
  code: () => ({ ...CODE, ...NO_LIMITS, id: 'code' }),
  totp_code: () => ({ ...CODE, ...NO_LIMITS, id: 'totp-code' }),
  lookup_secret: () => ({ ...TYPED, id: 'lookup-secret', type: 'text', autocomplete: 'off', inputmode: undefined, enterkeyhint: 'go', dir: 'ltr' }),
  email: (_, { state }) => ({
    ...EMAIL,
    id: 'email',
    autocomplete: state.startsWith('recovery') ? 'username' : 'email',
    enterkeyhint: 'go',
  }),
  recovery_address: () => ({ ...TYPED, id: 'email', type: 'text', autocomplete: 'username', enterkeyhint: 'go', dir: 'ltr' }),
  'traits.email': (_, { state }) => ({
    ...EMAIL,
    id: 'traits-email',
    autocomplete: state.startsWith('registration') ? 'username' : 'email',
    enterkeyhint: 'next',
  }),
  'traits.name.first': () => ({ id: 'traits-name-first', type: 'text', autocomplete: 'given-name', autocapitalize: 'words', spellcheck: 'false', inputmode: undefined, enterkeyhint: 'next' }),
  'traits.name.last': () => ({ id: 'traits-name-last', type: 'text', autocomplete: 'family-name', autocapitalize: 'words', spellcheck: 'false', inputmode: undefined, enterkeyhint: 'next' }),
  webauthn_register_displayname: () => ({ ...TYPED, id: 'key-name', type: 'text', autocomplete: 'off', inputmode: undefined, enterkeyhint: 'done' }),
  // Whose password it is. It is not sent.
  '': (_, { state }) => ({ id: 'account', type: state.startsWith('login-phone') ? 'tel' : 'email', autocomplete: 'username', name: undefined, readonly: '', dir: 'ltr' }),
}

test('C09 a field tells browsers and password managers what it is', ({ screens }) => {
  const seen = new Set<string>()
  check(screens, screen =>
    screen.facts.fields.flatMap(field => {
      const wanted = FIELDS[field.name]?.(field, screen)
      if (!wanted) return []
      seen.add(field.name)
      const isReadOnly = 'readonly' in field.attributes
      return Object.entries(wanted).map(([name, value]) => {
        const has = name === 'id' ? field.id : field.attributes[name]
        const isMoot = isReadOnly && name === 'required'
        return !isMoot && has !== value && `${field.name} has ${name}=${has}, not ${value}`
      })
    }),
  )
  fail(Object.keys(FIELDS).filter(name => !seen.has(name)).map(name => `no screen has ${name}`))
})

test('C10 a code may be pasted as it was copied', ({ screens }) => {
  check(screens, ({ facts }) =>
    facts.fields
      .filter(({ attributes }) => attributes.autocomplete === 'one-time-code')
      .map(({ id, attributes }) => ('maxlength' in attributes || 'pattern' in attributes) && `${id} cuts what is pasted`),
  )
})

test('C13 every form posts to an address of its own, has its token, and a button that Enter presses', ({ screens }) => {
  check(screens, ({ facts }) =>
    facts.forms.flatMap(form => [
      form.method !== 'post' && `method ${form.method}`,
      !form.action.startsWith('/') && `action ${form.action}`,
      !form.noValidate && 'no novalidate',
      form.submits.length === 0 && !form.isCeremony && `no button: ${form.action}`,
      form.hasText && form.submits.some(it => it.includes('primary')) && !form.submits[0]?.includes('primary') && `Enter presses another button: ${form.action}`,
      form.hasText && form.submits[0]?.includes('danger') && `Enter takes something away: ${form.action}`,
      // Kratos has none for these. The guard against other sites is Genkan's own, as for all forms.
      !form.hasToken && !/^\/fragments\/(sessions|logout|consent|device)/.test(form.action) && `no token: ${form.action}`,
    ]),
  )
})

for (const [state, method] of [
  ['login', 'password'],
  ['login-many-ways', 'password'],
  ['registration', 'password'],
  ['login-code-sent', 'code'],
  ['settings-password', 'password'],
] as const) {
  test(`C13 Enter presses the main button: ${state}`, async ({ states, page }) => {
    expect(states).toContain(state)
    await open(page, state, 'ja')
    const sent = page.waitForRequest(request => request.method() === 'POST')

    await page.locator('main form input:not([type=hidden], [readonly])').first().press('Enter')

    expect(new URLSearchParams((await sent).postData() ?? '').get('method')).toBe(method)
  })
}

test('C13 Enter on "Don\u2019t ask again" grants nothing', async ({ states, page }) => {
  expect(states).toContain('consent')
  await open(page, 'consent', 'ja')
  const before = page.url()
  const sent: string[] = []
  // Chromium asks for the icon whenever it likes.
  page.on('request', request => request.url().includes('/assets/') || sent.push(`${request.method()} ${request.url()}`))
  const remember = page.locator('#remember')

  await remember.press('Enter')
  await remember.press('Space')

  await expect(remember).toBeChecked()
  expect(sent).toEqual([])
  expect(page.url()).toBe(before)
  // The buttons send the form all the same.
  const post = page.waitForRequest(request => request.method() === 'POST')
  await page.getByRole('button', { name: TEXTS.ja('consent-reject') }).click()
  expect(new URLSearchParams((await post).postData() ?? '').get('consent_action')).toBe('reject')
})

test('C14 a password manager finds the account beside a password, and never two kinds of password', ({ screens }) => {
  check(screens, ({ facts }) => [
    ...facts.forms.map(({ passwords }) => new Set(passwords).size > 1 && `passwords ${passwords.join()}`),
    ...facts.forms.map(({ passwords, hasUsername }) => passwords.length > 0 && !hasUsername && 'no username beside the password'),
  ])
})

test('C15 no answer holds a password or a code that was typed', ({ screens }) => {
  check(screens, ({ facts }) => facts.secrets.map(value => value !== '' && `a value ${value}`))
})

test('C17 a new password is typed once, and the rule stands beside it', ({ screens }) => {
  check(screens, ({ facts, language }) => {
    const fields = facts.fields.filter(({ attributes }) => attributes.autocomplete === 'new-password')
    const rule = TEXTS[language]('hint-new-password', { min: '8' })
    return [
      fields.length > 1 && `${fields.length} new passwords`,
      fields.length === 1 && !facts.words.includes(rule) && 'no rule',
    ]
  })
  const short = screens.filter(({ state }) => state === 'settings-password-refused')
  check(short, ({ facts }) => [!facts.errorTexts['new-password-error']?.some(text => text.includes('8')) && 'no number in the error'])
  expect(short).toHaveLength(2)
})

test('C19 the summary has a heading, and its links say what stands at their fields', ({ screens }) => {
  check(screens, ({ facts, language }) => {
    const { summary } = facts
    if (!summary) return []
    const ids = facts.fields.map(({ id }) => `#${id}`)
    return [
      summary.role !== 'alert' && `role ${summary.role}`,
      summary.heading === '' && 'no heading',
      summary.items.length === 0 && 'nothing in it',
      ...summary.items.map(({ href }) => href && !ids.includes(href) && `a link to ${href}`),
      ...facts.invalid.map(({ id }) => {
        const linked = summary.items.filter(({ href }) => href === `#${id}`).map(({ text }) => text)
        const missing = facts.errorTexts[`${id}-error`]?.filter(text => text !== '' && !linked.includes(text)) ?? []
        return missing.length > 0 && `${id} says ${missing.join(' | ')}, the summary ${linked.join(' | ')} (${language})`
      }),
    ]
  })
})

test('C20 a field with an error says so, and names the error before the hint', ({ screens }) => {
  check(screens, ({ facts }) => [
    ...facts.invalid.map(({ id, describedBy }) => describedBy[0] !== `${id}-error` && `${id} is described by ${describedBy.join()}`),
    ...facts.invalid.map(({ id }) => !facts.errorTexts[`${id}-error`]?.some(text => text !== '') && `${id} has no text`),
    ...facts.fields
      .filter(({ id }) => !facts.invalid.some(invalid => invalid.id === id))
      .map(({ id, describedBy }) => describedBy.includes(`${id}-error`) && `${id} has an error and is not marked`),
  ])
})

test('C24 one element at most takes the focus, and has it', ({ screens }) => {
  check(screens, ({ facts, html }) => [
    (html.match(/<[^>]*\sautofocus[\s>=]/g) ?? []).length > 1 && 'autofocus more than once',
    facts.autofocus.length === 1 && facts.active !== facts.autofocus[0] && `the focus is at ${facts.active}`,
    facts.summary !== null && facts.autofocus[0] !== 'error-summary' && 'the summary has not the focus',
  ])
})

test('C25 nothing is marked as wrong before anything was sent', ({ screens }) => {
  const first = screens.filter(({ state }) => SCREENS.includes(state) && !state.startsWith('error'))
  expect(first.length).toBeGreaterThan(30)
  check(first, ({ facts }) => [
    facts.summary !== null && 'a summary',
    facts.invalid.length > 0 && 'a field',
    Object.keys(facts.errorTexts).length > 0 && 'a text',
  ])
})

test('C29 an error and a notice are never shown together', ({ screens }) => {
  check(screens, ({ facts }) => [facts.summary !== null && facts.hasNotice && 'both'])
})

test('C31 an address in a sentence stands apart from the writing around it', ({ screens }) => {
  check(screens, ({ facts }) => facts.addresses)
})

test('C54 every screen has the headers of the others', ({ screens }) => {
  const wanted: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
    'permissions-policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    vary: 'HX-Request, Accept-Language, Cookie',
  }
  check(screens, ({ headers }) => Object.entries(wanted).map(([name, value]) => headers[name] !== value && `${name}: ${headers[name]}`))
})

test('C55 nothing runs or is styled inline, and no two answers share a nonce', ({ screens }) => {
  const policies = screens.map(({ headers }) => headers['content-security-policy'] ?? '')
  const nonces = policies.map(policy => /'nonce-([\w+/=-]+)'/.exec(policy)?.[1] ?? '')
  fail(nonces.filter((nonce, at) => nonce.length < 22 || nonces.indexOf(nonce) !== at).map(nonce => `nonce ${nonce}`))
  check(screens, ({ facts, headers }) => [
    facts.inline > 0 && `${facts.inline} inline`,
    ...facts.code,
    /unsafe|strict-dynamic/.test(headers['content-security-policy'] ?? 'unsafe') && 'a policy with holes',
  ])
})

test('C56 no screen breaks its policy or logs an error', ({ screens }) => {
  check(screens, ({ troubles }) => troubles)
})

test('C68 buttons and fields are large enough for a thumb', ({ screens }) => {
  check(screens, ({ facts }) => [
    ...facts.targets.map(({ text, isInline, height, width }) => !isInline && (height < 24 || width < 24) && `${text}: ${width}×${height}`),
    ...facts.targets.map(({ text, isButton, height }) => isButton && height < 43.9 && `${text} is ${height} high`),
    ...facts.fields
      .filter(({ type }) => type !== 'checkbox' && type !== 'radio')
      .map(({ id, height }) => height < 43.9 && `${id} is ${height} high`),
  ])
})

test('C75 no field is so small that a telephone zooms in', ({ screens }) => {
  check(screens, ({ facts }) => facts.fields.map(({ id, fontSize }) => fontSize < 16 && `${id}: ${fontSize} px`))
})

test('C77 the order of the keys is nowhere changed', ({ screens }) => {
  check(screens, ({ facts }) => facts.tabIndexes.map(index => index > 0 && `tabindex ${index}`))
})

test('C81 the part of a page that htmx gets is no larger than 6 KB, compressed', ({ screens }) => {
  const sizes = screens.map(({ html, state }) => {
    const [panel] = /<section id="panel".*<\/section>/s.exec(html) ?? []
    expect(panel, state).toBeTruthy()
    return { state, size: gzipSync(panel!).length }
  })
  const largest = sizes.reduce((one, other) => (one.size > other.size ? one : other))
  console.log(`The largest fragment, ${largest.state}: ${largest.size} bytes compressed`)
  expect(largest.size).toBeLessThanOrEqual(6000)
})

test('a screen has one main button at most', ({ screens }) => {
  check(screens, screen => [!isError(screen) && screen.facts.primaries > 1 && `${screen.facts.primaries} main buttons`])
})
