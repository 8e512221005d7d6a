// What holds on every screen: each test is one check of all states of the gallery, in both languages, in light and dark, at 320
// and 1280 pixels. The numbers are those of the table in ARCHITECTURE.md.

import { test as bare } from '../support/test'
import { gather, type Field, type Screen } from '../support/gallery'
import { TEXTS } from '../support/texts'

const test = bare.extend<object, { screens: Screen[] }>({
  screens: [
    async ({ browser, stack: _ }, use) => use(await gather(browser)),
    { scope: 'worker', timeout: 600_000 },
  ],
})

test.use({ profile: 'gallery' })

/** Fails with all that is wrong, by screen. */
function check(screens: Screen[], faults: (screen: Screen) => (string | false | undefined)[]) {
  const wrong = screens.flatMap(screen =>
    faults(screen).flatMap(fault => (fault ? [`${screen.state} ${screen.language}: ${fault}`] : [])),
  )
  if (wrong.length > 0) throw new Error(`${wrong.length} faults\n${wrong.join('\n')}`)
}

const isError = (screen: Screen) => screen.status >= 400

test('C01 the document says its language, and lets people zoom', ({ screens }) => {
  check(screens, ({ facts, language }) => [
    facts.lang !== language && `lang is ${facts.lang}`,
    facts.dir !== 'ltr' && `dir is ${facts.dir}`,
    /maximum-scale|user-scalable/.test(facts.viewport) && facts.viewport,
  ])
})

test('C02 the title is the heading and the name of the service', ({ screens }) => {
  check(screens, ({ facts, language }) => {
    const say = TEXTS[language]
    const key = facts.summary ? 'title-failed' : 'title'
    const title = say(key, { page: facts.h1[0] ?? '', service: 'Genkan' })
    return [facts.title !== title && `${facts.title}, not ${title}`]
  })
})

test('C03 there is one heading, one main, one header, one footer, and the skip link first', ({ screens }) => {
  check(screens, ({ facts, language }) => [
    facts.h1.length !== 1 && `${facts.h1.length} headings`,
    facts.landmarks.join() !== '1,1,1' && `landmarks ${facts.landmarks.join()}`,
    facts.skip !== TEXTS[language]('skip') && `first link ${facts.skip}`,
  ])
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
    const isThere = facts.languages.some(([lang, hreflang]) => lang === other && hreflang === other)
    return [!isThere && `languages ${JSON.stringify(facts.languages)}`]
  })
})

test('C06 a Japanese page has no English sentence of Kratos', ({ screens }) => {
  // Three words in a row that are no name, no address and no code.
  const sentence = /\b[A-Za-z]+ [a-z]+ [a-z]+\b/
  check(
    screens.filter(({ language }) => language === 'ja'),
    ({ facts }) => [sentence.test(facts.body) && sentence.exec(facts.body)?.[0]],
  )
})

test('C07 axe finds nothing, in light and dark, narrow and wide', ({ screens }) => {
  check(screens, ({ axe }) => axe)
})

/** What a field must be, by Kratos' name for it: `ux.md` §1.2 in one table. */
const FIELDS: Record<string, (field: Field, screen: Screen) => Record<string, string | undefined>> = {
  identifier: () => ({
    id: 'identifier',
    type: 'email',
    autocomplete: /^username/.source,
    inputmode: 'email',
    enterkeyhint: 'next',
    autocapitalize: 'none',
    spellcheck: 'false',
    dir: 'ltr',
  }),
  password: (_, { state }) => ({
    id: /^(registration|settings)/.test(state) ? 'new-password' : 'current-password',
    type: 'password',
    autocomplete: /^(registration|settings)/.test(state) ? 'new-password' : 'current-password',
    enterkeyhint: 'go',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: undefined,
  }),
  code: () => ({
    id: 'code',
    type: 'text',
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
    enterkeyhint: 'go',
    autocapitalize: 'none',
    spellcheck: 'false',
    dir: 'ltr',
    maxlength: undefined,
    pattern: undefined,
  }),
  totp_code: () => ({
    id: 'totp-code',
    type: 'text',
    autocomplete: 'one-time-code',
    inputmode: 'numeric',
    enterkeyhint: 'go',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: undefined,
    pattern: undefined,
  }),
  lookup_secret: () => ({
    id: 'lookup-secret',
    type: 'text',
    autocomplete: 'off',
    enterkeyhint: 'go',
    autocapitalize: 'none',
    spellcheck: 'false',
    dir: 'ltr',
  }),
  email: (_, { state }) => ({
    id: 'email',
    type: 'email',
    autocomplete: state.startsWith('recovery') ? 'username' : 'email',
    inputmode: 'email',
    enterkeyhint: 'go',
    autocapitalize: 'none',
    spellcheck: 'false',
  }),
  'traits.email': (_, { state }) => ({
    id: 'traits-email',
    type: 'email',
    autocomplete: state.startsWith('registration') ? 'username' : 'email',
    inputmode: 'email',
    enterkeyhint: 'next',
    autocapitalize: 'none',
    spellcheck: 'false',
  }),
}

test('C09 a field tells browsers and password managers what it is', ({ screens }) => {
  const seen = new Set<string>()
  check(screens, screen =>
    screen.facts.fields.flatMap(field => {
      const wanted = FIELDS[field.name]?.(field, screen)
      if (!wanted) return []
      seen.add(field.name)
      return Object.entries(wanted).map(([name, value]) => {
        const has = name === 'id' ? field.id : field.attributes[name]
        const fits = value?.startsWith('^') ? new RegExp(value).test(has ?? '') : has === value
        return !fits && `${field.name} has ${name}=${has}, not ${value}`
      })
    }),
  )
  const missing = Object.keys(FIELDS).filter(name => !seen.has(name))
  if (missing.length > 0) throw new Error(`no screen has ${missing.join()}`)
})

test('C13 every form posts to an address of its own, has its token, and one button that Enter presses', ({ screens }) => {
  check(screens, ({ facts }) =>
    facts.forms.flatMap(form => [
      form.method !== 'post' && `method ${form.method}`,
      !form.action.startsWith('/') && `action ${form.action}`,
      !form.noValidate && 'no novalidate',
      // Kratos asks for none to end sessions.
      !form.hasToken && !/^\/fragments\/(sessions|logout)/.test(form.action) && `no token: ${form.action}`,
    ]),
  )
})

test('C14 a new and a current password are never asked for in one form', ({ screens }) => {
  check(screens, ({ facts }) =>
    facts.forms.map(({ passwords }) => new Set(passwords).size > 1 && `passwords ${passwords.join()}`),
  )
})

test('C15 no answer holds a password or a code that was typed', ({ screens }) => {
  check(screens, ({ facts }) => facts.secrets.map(value => value !== '' && `a value ${value}`))
})

test('C17 a new password is typed once, and the rule stands beside it', ({ screens }) => {
  check(screens, ({ facts, language }) => {
    const fields = facts.fields.filter(field => field.attributes.autocomplete === 'new-password')
    const rule = TEXTS[language]('password-hint', { min: '8' })
    return [
      fields.length > 1 && `${fields.length} new passwords`,
      fields.length === 1 && !facts.body.includes(rule) && 'no rule',
    ]
  })
})

test('C19 the summary has a heading, and its links lead to fields', ({ screens }) => {
  check(screens, ({ facts }) => {
    const { summary } = facts
    if (!summary) return []
    const ids = facts.fields.map(({ id }) => `#${id}`)
    return [
      summary.heading === '' && 'no heading',
      summary.items.length === 0 && 'nothing in it',
      ...summary.items.map(({ href }) => href && !ids.includes(href) && `a link to ${href}`),
    ]
  })
})

test('C20 a field with an error says so, and names the error before the hint', ({ screens }) => {
  check(screens, ({ facts }) => [
    ...facts.errors.map(
      ({ id, describedBy }) => describedBy[0] !== `${id}-error` && `${id} is described by ${describedBy.join()}`,
    ),
    ...facts.errors.map(({ id }) => !facts.errorTexts[`${id}-error`] && `${id} has no text`),
    ...facts.fields
      .filter(({ id }) => !facts.errors.some(error => error.id === id))
      .map(({ id, describedBy }) => describedBy.includes(`${id}-error`) && `${id} has an error and is not marked`),
  ])
})

test('C24 one element at most takes the focus, and has it', ({ screens }) => {
  check(screens, ({ facts }) => [
    facts.autofocus.length > 1 && `autofocus at ${facts.autofocus.join()}`,
    facts.autofocus.length === 1 && facts.active !== facts.autofocus[0] && `the focus is at ${facts.active}`,
    Boolean(facts.summary) && facts.autofocus[0] !== 'error-summary' && 'the summary has not the focus',
  ])
})

test('C29 an error and a notice are never shown together', ({ screens }) => {
  check(screens, ({ facts }) => [facts.summary !== null && facts.hasNotice && 'both'])
})

test('C31 an address in a sentence stands apart from the writing around it', ({ screens }) => {
  check(screens, ({ facts }) => facts.addresses)
})

test('C54 every screen has the same headers', ({ screens }) => {
  const wanted: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'cache-control': 'no-store',
    vary: 'HX-Request, Accept-Language, Cookie',
    'x-robots-tag': 'noindex',
  }
  check(screens, ({ headers }) =>
    Object.entries(wanted).map(([name, value]) => headers[name] !== value && `${name}: ${headers[name]}`),
  )
})

test('C55 nothing runs or is styled inline, and no two answers share a nonce', ({ screens }) => {
  const nonces = screens.map(({ headers }) => /'nonce-([^']+)'/.exec(headers['content-security-policy'] ?? '')?.[1] ?? '')
  if (new Set(nonces).size !== nonces.length) throw new Error('a nonce came twice')
  check(screens, ({ facts, headers }) => [
    facts.inline > 0 && `${facts.inline} inline`,
    ...facts.handlers,
    /unsafe|strict-dynamic/.test(headers['content-security-policy'] ?? 'unsafe') && 'a policy with holes',
  ])
})

test('C56 no screen breaks its policy or logs an error', ({ screens }) => {
  check(screens, ({ troubles }) => troubles)
})

test('C66 no screen is wider than the window', ({ screens }) => {
  check(screens, ({ overflow }) =>
    Object.entries(overflow).map(([width, over]) => over > 0 && `${over} pixels too wide at ${width}`),
  )
})

test('C68 buttons and fields are large enough for a thumb', ({ screens }) => {
  check(screens, ({ facts }) => [
    ...facts.targets.map(({ text, height, width }) => (height < 24 || width < 24) && `${text}: ${width}×${height}`),
    ...facts.targets.map(({ text, height }) => height < 43.9 && !text.includes('…') && `${text} is ${height} high`),
    ...facts.fields
      .filter(({ type }) => type !== 'checkbox' && type !== 'radio')
      .map(({ id, height }) => height < 43.9 && `${id} is ${height} high`),
  ])
})

test('C75 no field is so small that a telephone zooms in', ({ screens }) => {
  check(screens, ({ facts }) => facts.fields.map(({ id, fontSize }) => fontSize < 16 && `${id}: ${fontSize} px`))
})

test('C77 the order of the keys is the order of the page', ({ screens }) => {
  check(screens, ({ facts }) => facts.tabIndexes.map(index => index > 0 && `tabindex ${index}`))
})

test('a screen has one main button at most', ({ screens }) => {
  check(screens, screen => [!isError(screen) && screen.facts.primaries > 1 && `${screen.facts.primaries} main buttons`])
})
