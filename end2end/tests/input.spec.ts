import type { APIRequestContext } from '@playwright/test'
import { always, recorded, withGenkan } from '../support/apart'
import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { BASE, GENKAN } from '../support/places'
import { askForCode, details, signIn, signOut } from '../support/steps'
import { based, expect, field, fill, flow, fullWidth, message, NO_FLOW, paste, path, press, summary, test, way } from '../support/test'

// ---- How people write ------------------------------------------------------------------------------------------------

for (const [how, written] of [
  ['in two groups', (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
  ['with a hyphen', (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
  ['in full width', fullWidth],
  ['in full width, in groups, with spaces around', (code: string) => `　${fullWidth(code.slice(0, 3))}　${fullWidth(code.slice(3))} `],
  ['in full width with a full-width hyphen', (code: string) => fullWidth(`${code.slice(0, 3)}-${code.slice(3)}`)],
  ['with a minus sign', (code: string) => `${code.slice(0, 3)}−${code.slice(3)}`],
  ['with a long vowel mark for a hyphen', (code: string) => `${code.slice(0, 3)}ー${code.slice(3)}`],
] as const) {
  test(`C10 a code pasted ${how} is taken`, async ({ page, say }) => {
    const { email } = await newcomer()
    const mailbox = new Mailbox(email)
    await page.goto('/verification')
    await askForCode(page, say, email)

    const code = field(page, 'code')
    for (const limit of ['maxlength', 'pattern']) await expect(code).not.toHaveAttribute(limit)
    const text = written(await mailbox.code())
    await paste(code, text)
    await expect(code).toHaveValue(text)
    await press(page, say('confirm'))

    await expect(page).toShow(say, 'verification-done')
  })
}

test('C11 an address written in full width and with spaces signs in', async ({ page, say }) => {
  const { email, password } = await member()
  const [name, host] = email.split('@')
  await page.goto('/login')

  await fill(page, { identifier: ` ${fullWidth(`${name}@`)}${host}　`, password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

test('C11 an address written in full width signs up as what it means', async ({ page, say }) => {
  const person = stranger()
  const [name, host] = person.email.split('@')
  await page.goto('/registration')

  await fill(page, details({ ...person, email: `${fullWidth(`${name}@`)}${host}` }))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'code')
  await expect(message(page, 1080003)).toContainText(person.email)
  await new Mailbox(person.email).code()
})

test('C11 an address written in full width gets its code for a recovery', async ({ page, say }) => {
  const { email } = await member()
  const [name, host] = email.split('@')
  await page.goto('/recovery')

  await askForCode(page, say, `${fullWidth(`${name}@`)}${host}`)

  await new Mailbox(email).code()
})

test('an address in capitals is the same address', async ({ page, say }) => {
  const { email, password } = await member()
  await page.goto('/login')

  await fill(page, { identifier: email.toUpperCase(), password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

for (const [what, password] of [
  ['with spaces at both ends', '  with space around  '],
  ['of 64 characters with spaces and emoji', `${'long and longer '.repeat(4).slice(0, 62)}🗝🚪`],
  ['in full width, which is not the same as in half width', 'ｐａｓｓｗｏｒｄ１２３'],
  ['of exactly 72 bytes', 'x1'.repeat(36)],
] as const) {
  test(`C11 a password ${what} is taken as it is typed`, async ({ page, say }) => {
    const person = { ...stranger(), password }
    await page.goto('/registration')

    await fill(page, details(person))
    await press(page, say('registration-submit'))

    await expect(page).toShow(say, 'code')
    await signOut(page, say)
    await fill(page, { identifier: person.email, password: password.normalize('NFKC').trim().slice(0, -1) })
    await press(page, say('login'))
    await expect(page).toShow(say, 'login', { failed: true })
    await signIn(page, say, person)
  })
}

for (const [what, password] of [
  ['of more than 72 bytes', 'x1'.repeat(37)],
  ['whose few characters are more than 72 bytes', '🗝'.repeat(19)],
] as const) {
  test(`a password ${what} is refused with the reason`, async ({ page, say, answer }) => {
    const person = { ...stranger(), password }
    await page.goto('/registration')

    await fill(page, details(person))
    const response = await press(page, say('registration-submit'))

    expect(response.status()).toBe(answer.failed)
    await expect(page).toShow(say, 'registration', { failed: true })
    await expect(message(page, 4000033)).toContainText(say('kratos-4000033', { label: say('kratos-1070001'), max_length: 72 }))
    await expect(field(page, 'traits.email')).toHaveValue(person.email)
  })
}

test('an address that is too long is refused at its field', async ({ page, say }) => {
  await page.goto('/registration')

  await fill(page, details({ ...stranger(), email: `${'x'.repeat(400)}@example.com` }))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(field(page, 'traits.email')).toHaveAttribute('aria-invalid', 'true')
})

test('a name that is too long is refused with the length it may have', async ({ page, say }) => {
  await page.goto('/registration')

  await fill(page, details({ ...stranger(), nickname: 'x'.repeat(101) }))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 4000017)).toContainText(say('kratos-4000017', { label: say('trait-nickname'), max_length: 100 }))
  await expect(field(page, 'traits.nickname')).toHaveValue('x'.repeat(101))
})

test('names in any script are kept as they are', async ({ page, say }) => {
  const person = { ...stranger(), lastname: '𠮷野家', firstname: 'Zoë-Ængström', nickname: '👩‍👩‍👧 عمر' }
  await page.goto('/registration')

  await fill(page, details(person))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'code')
  await page.goto('/settings?section=profile')
  for (const name of ['lastname', 'firstname', 'nickname'] as const) {
    await expect(field(page, `traits.${name}`)).toHaveValue(person[name])
  }
})

// ---- Script where text belongs ---------------------------------------------------------------------------------------

const SCRIPT = `"'><script>document.title='run'</script><img src=x onerror="document.title='run'">{{7*7}}`

test('C64 script in every field of a sign-up is text', async ({ page, say }) => {
  const person = { ...stranger(), lastname: SCRIPT, firstname: SCRIPT, nickname: SCRIPT }
  await page.goto('/registration')

  await fill(page, { ...details(person), password: 'short' })
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  for (const name of ['lastname', 'firstname', 'nickname']) {
    await expect(field(page, `traits.${name}`)).toHaveValue(SCRIPT)
  }
  await fill(page, { password: person.password })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  await page.goto('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: SCRIPT } })
  await page.goto('/settings?section=profile')
  await expect(page).toShow(say, 'settings-profile')
  await expect(field(page, 'traits.nickname')).toHaveValue(SCRIPT)
  await expect(page.locator('main img, main script')).toHaveCount(0)
})

for (const [name, heading, fields] of [
  ['login', 'login', { identifier: SCRIPT, password: SCRIPT }],
  ['verification', 'verification', { email: SCRIPT }],
  ['recovery', 'recovery', { email: SCRIPT }],
] as const) {
  test(`C64 script in every field of /${name} is text`, async ({ page, say }) => {
    await page.goto(`/${name}`)

    await fill(page, fields)
    await press(page, say(name === 'login' ? 'login' : 'send-code'))

    await expect(page).toShow(say, heading, { failed: true })
    await expect(field(page, name === 'login' ? 'identifier' : 'email')).toHaveValue(SCRIPT)
    await expect(page.locator('main img, main script')).toHaveCount(0)
  })
}

test('C64 script in a code is text', async ({ page, say }) => {
  const { email } = await newcomer()
  await page.goto('/verification')
  await askForCode(page, say, email)

  await fill(page, { code: SCRIPT })
  await press(page, say('confirm'))

  await expect(page).toShow(say, 'code', { failed: true })
  await expect(page.locator('main img, main script')).toHaveCount(0)
})

test('C64 script in every query parameter of every page, the id of an error among them, is text', async ({ page, say }) => {
  const names = ['flow', 'return_to', 'lang', 'section', 'again', 'refresh', 'aal', 'via', 'organization', 'id', 'code', SCRIPT]
  const query = new URLSearchParams(names.map(name => [name, SCRIPT]))

  for (const [address, heading] of [
    ['/login', 'login'],
    ['/registration', 'registration'],
    ['/verification', 'verification'],
    ['/recovery', 'recovery'],
    ['/welcome', 'welcome'],
    ['/logout', 'logout'],
    ['/error', 'error-not-found'],
    ['/nowhere', 'error-not-found'],
  ]) {
    await page.goto(`${address}?${query}`)
    await expect(page).toShow(say, heading)
    await expect(page.locator('body img, body script')).toHaveCount(0)
    expect(path(page)).toBe(address)
  }
})

test('C64 script in the name of a provider is text', async ({ page, language, say }) => {
  const flow = recorded('1.3.1/login_init_200_unified')
  const label = 'Mock IdP'
  expect(flow).toContain(label)
  const kratos = always(200, JSON.parse(flow.replaceAll(label, JSON.stringify(SCRIPT).slice(1, -1))))

  await withGenkan({ kratos }, async genkan => {
    await page.goto(`${genkan}/login?flow=${JSON.parse(flow).id}&lang=${language}`)

    await expect(page).toShow(say, 'login')
    await expect(page.locator('button[name=provider]')).toHaveText(say('kratos-1010002', { provider: SCRIPT }))
    await expect(page.locator('main img, main script')).toHaveCount(0)
  })
})

// ---- Where to go afterwards ------------------------------------------------------------------------------------------

const ORIGIN = new URL(GENKAN).origin

const HOSTILE = [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '\\\\evil.example',
  'http:/evil.example',
  'http:evil.example',
  'https:evil.example',
  `${ORIGIN}@evil.example/`,
  `${ORIGIN}.evil.example/`,
  `${ORIGIN.replace('//', '//evil.')}/`,
  `${ORIGIN}0/`,
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  ' //evil.example',
  '\t//evil.example',
  '/%2F/evil.example',
  '/self-service/logout?token=x',
  '/welcome/..//evil.example',
]

test('C58 a hostile return_to does not redirect a signed-in user to another site', async ({ page, say }) => {
  await signIn(page, say, await member())

  for (const to of HOSTILE) {
    const response = await page.request.get(`/login?${new URLSearchParams({ return_to: to })}`, { maxRedirects: 0 })
    expect(response.status(), to).toBe(303)
    const end = new URL(response.headers()['location'], GENKAN)
    expect(end.origin, to).toBe(ORIGIN)
    expect(end.pathname.slice(BASE.length), to).not.toMatch(/^\/(self-service|fragments|\/|%2f)/i)
  }
})

for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', 'data:text/html,<p>x</p>']) {
  test(`C58 return_to=${to} is forgotten by the sign-in`, async ({ page, say, answer, hasScript }) => {
    const { email, password } = await member()

    await page.goto(`/login?${new URLSearchParams({ return_to: to })}`)
    await expect(page).toShow(say, 'login')
    await expect(page.getByTestId('signup-link')).toHaveAttribute('href', based('/registration'))
    await fill(page, { identifier: email, password })
    const response = await press(page, say('login'))

    expect(response.status()).toBe(answer.left)
    expect(response.headers()).toHaveProperty(hasScript ? 'hx-redirect' : 'location')
    expect(way(response)).toBe('/welcome')
    await expect(page).toHaveURL('/welcome')
  })
}

for (const to of ['javascript:alert(1)', 'data:text/html,<p>x</p>', '//', 'https://x:y@evil.example/', 'file:///etc/passwd']) {
  test(`C58 an answer of Kratos that leads to "${to}" leads nowhere`, async ({ request, say, language, hasScript }) => {
    const kratos = always(422, { error: { id: 'browser_location_change_required', code: 422 }, redirect_browser_to: to })

    await withGenkan({ kratos }, async genkan => {
      const response = await request.post(`${genkan}/fragments/login?flow=${NO_FLOW}`, {
        headers: { 'Accept-Language': language, Cookie: 'csrf_token_x=1', ...(hasScript && { 'HX-Request': 'true' }) },
        form: { method: 'oidc', provider: 'example' },
        maxRedirects: 0,
      })

      expect(response.status()).toBe(502)
      expect(response.headers()).not.toHaveProperty('hx-redirect')
      expect(response.headers()).not.toHaveProperty('location')
      const html = await response.text()
      expect(html).toContain(say('error-service-lead'))
      expect(html).not.toContain('http-equiv')
    })
  })
}

test('a return_to that was added to the address of a flow later changes nothing', async ({ page, say }) => {
  const { email, password } = await member()
  await page.goto('/login')
  await page.goto(`${page.url()}&return_to=${encodeURIComponent('https://evil.example/')}`)
  await expect(page).toShow(say, 'login')

  await fill(page, { identifier: email, password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

test('an own return_to is where a sign-up ends, after the code', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration?return_to=/sessions')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  await fill(page, { code: await mailbox.code() })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')

  await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()

  await expect(page).toHaveURL('/sessions')
})

// ---- Forms that no page of ours makes --------------------------------------------------------------------------------

type Sent = { language: string; hasScript: boolean; body: (token: string) => string; headers?: Record<string, string> }

/** Sends a body to a login form, as htmx or as a browser does, and follows where the answer leads. */
async function post(request: APIRequestContext, { language, hasScript, body, headers = {} }: Sent) {
  const common = { 'Accept-Language': language }
  const page = await (await request.get('/login', { headers: common })).text()
  const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1] ?? ''
  const token = /name="csrf_token" value="([^"]*)"/.exec(page)?.[1] ?? ''
  const response = await request.post(action, {
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...common,
      ...(hasScript && { 'HX-Request': 'true' }),
      ...headers,
    },
    data: body(encodeURIComponent(token)),
  })
  const next = response.headers()['hx-redirect']
  const shown = next ? await request.get(next, { headers: common }) : response
  return { status: response.status(), html: await shown.text() }
}

const form = (rest: string) => (token: string) => `csrf_token=${token}&${rest}`

for (const [what, body] of [
  ['nothing in it', () => ''],
  ['only the token', form('')],
  ['no method', form('identifier=taro%40example.com&password=x')],
  ['a method that there is not', form('method=telepathy&identifier=taro%40example.com&password=x')],
  ['empty fields', form('method=password&identifier=&password=')],
  ['a field twice', form('method=password&identifier=taro%40example.com&identifier=jiro%40example.com&password=x')],
  ['the token twice', (token: string) => `csrf_token=${token}&csrf_token=${token}&method=password&identifier=a%40example.com&password=x`],
  ['fields that the form does not have', form('method=password&identifier=taro%40example.com&password=x&role=admin&traits.role=admin&a[b][c]=1')],
  ['two hundred fields', form(`method=password&${Array.from({ length: 200 }, (_, i) => `f${i}=1`).join('&')}`)],
  ['bytes that are no UTF-8', form('method=password&identifier=%ff%fe%80&password=%c3%28')],
  ['a NUL', form('method=password&identifier=taro%00%40example.com&password=x')],
  ['control characters', form('method=password&identifier=taro%01%1b%40example.com&password=x%07')],
  ['half of an escape', form('method=password&identifier=%&password=%4&%%%=1')],
  ['an identifier of 10 kB', form(`method=password&identifier=${'x'.repeat(10_000)}&password=x`)],
  ['a password of 10 kB', form(`method=password&identifier=taro%40example.com&password=${'x'.repeat(10_000)}`)],
  ['only separators', () => '&&&===&&;;;'],
] as const) {
  test(`a form with ${what} gets a page with words, not a failure`, async ({ request, say, language, hasScript }) => {
    const { status, html } = await post(request, { language, hasScript, body })

    expect(status).toBeLessThan(500)
    expect(html).toContain(`>${say('login')}</h1>`)
    expect(html).toContain(say('error-summary'))
  })
}

for (const [what, status, key, headers, body] of [
  ['is too long', 413, 'error-too-large-lead', {}, form(`identifier=${'x'.repeat(100_000)}`)],
  ['has a thousand fields', 413, 'error-too-large-lead', {}, form(`method=password&${Array.from({ length: 1000 }, (_, i) => `f${i}=1`).join('&')}`)],
  ['is JSON', 400, 'error-input-lead', { 'Content-Type': 'application/json' }, () => '{"method":"password"}'],
  ['has files in it', 400, 'error-input-lead', { 'Content-Type': 'multipart/form-data; boundary=b' }, () => '--b\r\n\r\n\r\n--b--'],
  ['says not what it is', 400, 'error-input-lead', { 'Content-Type': 'x' }, () => 'method=password'],
] as const) {
  test(`a form that ${what} is answered with ${status} and a page with words`, async ({ request, say, language, hasScript }) => {
    const answer = await post(request, { language, hasScript, body, headers })

    expect(answer.status).toBe(status)
    expect(answer.html).toContain(say(key))
    expect(answer.html).not.toContain('xxxxxxxx')
  })
}

test('a form without a flow starts again', async ({ request, say, language }) => {
  const response = await request.post('/fragments/login', {
    headers: { 'Accept-Language': language },
    form: { identifier: 'taro@example.com', password: 'x', method: 'password' },
  })

  expect(response.status()).toBe(200)
  expect(path(response)).toBe('/login')
  expect(await response.text()).toContain(say('flash-started-again'))
})

test('a password never stands in a page', async ({ page, say }) => {
  const secret = 'sesame-7f3a9c'
  await page.goto('/registration')
  const id = flow(page)

  await fill(page, { ...details({ ...stranger(), nickname: '' }), password: secret })
  await press(page, say('registration-submit'))
  await expect(summary(page)).toBeVisible()

  await expect(field(page, 'password')).toHaveValue('')
  expect(await page.content()).not.toContain(secret)
  await page.goto(`/registration?flow=${id}`)
  expect(await page.content()).not.toContain(secret)
})
