import { member } from '../support/people'
import { GENKAN } from '../support/places'
import { expectNewStart, signIn } from '../support/steps'
import { expect, field, fill, flow, NO_FLOW, path, press, test } from '../support/test'

const FLOWS = [
  ['login', 'login'],
  ['registration', 'registration'],
  ['verification', 'verification'],
  ['recovery', 'recovery'],
] as const

test('a page that is not there says so, with a way on', async ({ page, say }) => {
  const response = await page.goto('/nowhere')

  expect(response?.status()).toBe(404)
  await expect(page).toShow(say, 'error-not-found')
  await page.getByRole('link', { name: say('go-to-login') }).click()
  await expect(page).toShow(say, 'login')
})

for (const [name, heading] of FLOWS) {
  test(`a flow id of /${name} that there is not is replaced by a fresh flow`, async ({ page, say }) => {
    for (const id of [NO_FLOW, 'x', "1' or '1'='1", 'x'.repeat(4000)]) {
      const response = await page.goto(`/${name}?${new URLSearchParams({ flow: id })}`)

      expect(response?.status()).toBe(200)
      expect(path(page)).toBe(`/${name}`)
      expect(flow(page)).toMatch(/^[0-9a-f-]{36}$/)
      expect(flow(page)).not.toBe(id)
      await expect(page).toShow(say, heading)
    }
  })

  test(`a form of /${name} that was opened on another browser is a fresh one here`, async ({ page, browser, say }) => {
    const elsewhere = await browser.newContext()
    const theirs = await elsewhere.newPage()
    await theirs.goto(`/${name}`)

    const response = await page.goto(theirs.url())

    expect(response?.status()).toBe(200)
    expect(path(page)).toBe(`/${name}`)
    expect(flow(page)).not.toBe(flow(theirs))
    await expect(page).toShow(say, heading)
    await elsewhere.close()
  })
}

test('a flow id of another kind of flow is replaced by a fresh flow', async ({ page, say }) => {
  await page.goto('/registration')

  await page.goto(`/login?flow=${flow(page)}`)

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(say('login'))
})

test('C44 a form whose cookies are gone starts again, and then works', async ({ page, context, say, answer }) => {
  const person = await member()
  await page.goto('/login')
  const id = flow(page)
  await context.clearCookies()

  await fill(page, { identifier: person.email, password: person.password })
  const response = await press(page, say('login'))

  expect(response.status()).toBe(answer.left)
  await expectNewStart(page, say, 'login', id, 'flash-started-again')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')
})

test('C82 a browser without cookies is told so, without a redirect loop', async ({ say, language }) => {
  let url = `${GENKAN}/login`
  let response = await fetch(url, { redirect: 'manual', headers: { 'accept-language': language } })
  let requests = 1
  while (response.status === 303 && requests < 10) {
    url = new URL(response.headers.get('location') ?? '', url).href
    response = await fetch(url, { redirect: 'manual', headers: { 'accept-language': language } })
    requests += 1
  }

  expect(requests).toBeLessThanOrEqual(5)
  expect(response.status).toBe(403)
  expect(await response.text()).toContain(say('error-cookies-lead'))
})

test('a form whose cookies are gone a second time is answered with the explanation', async ({ page, context, say }) => {
  await page.goto('/login')
  await context.clearCookies()
  await fill(page, { identifier: 'taro@example.com', password: 'anything' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await context.clearCookies()

  await fill(page, { identifier: 'taro@example.com', password: 'anything' })
  const response = await press(page, say('login'))

  expect(response.status()).toBe(403)
  await expect(page).toShow(say, 'error-cookies')
})

for (const [from, headers] of [
  ['another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
  ['another site, by an old browser', { Origin: 'https://evil.example' }],
  ['another site that says nothing more', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a page that hides where it is from', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
  ['another subdomain', { Origin: GENKAN.replace('//', '//evil.'), 'Sec-Fetch-Site': 'same-site' }],
] as const) {
  test(`C60 a form from ${from} is refused, with an explanation`, async ({ page, say, language, hasScript }) => {
    const person = await member()
    await page.goto('/login')
    const action = (await page.locator('form').getAttribute('action')) ?? ''
    const csrf_token = await page.locator('input[name=csrf_token]').inputValue()

    const response = await page.request.post(action, {
      headers: { ...headers, 'Accept-Language': language, ...(hasScript && { 'HX-Request': 'true' }) },
      form: { csrf_token, identifier: person.email, password: person.password, method: 'password' },
      maxRedirects: 0,
    })

    expect(response.status()).toBe(403)
    const html = await response.text()
    expect(html).toContain(`>${say('error-origin')}</h1>`)
    expect(html).toContain(say('error-origin-lead'))
    expect(html).toContain(say('go-to-login'))
    await page.goto('/sessions')
    await expect(page).toShow(say, 'login')
  })
}

test('C60 a form without its token does not sign in, starts again, and says so', async ({ page, say }) => {
  const person = await member()
  await page.goto('/login')
  const id = flow(page)
  await page.locator('input[name=csrf_token]').evaluate((input: HTMLInputElement) => input.remove())

  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expectNewStart(page, say, 'login', id, 'flash-started-again')
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
})

for (const [address, status, key] of [
  ['/error', 404, 'error-not-found'],
  [`/error?id=${NO_FLOW}`, 404, 'error-not-found'],
  ['/error?id=%3Cscript%3E', 404, 'error-not-found'],
  ['/error?id=stub:500', 500, 'error-service'],
  ['/error?error=access_denied&error_description=The+resource+owner+denied', 400, 'error-application'],
] as const) {
  test(`${address} is an error in our words`, async ({ page, say }) => {
    const response = await page.goto(address)

    expect(response?.status()).toBe(status)
    await expect(page).toShow(say, key)
    await expect(page.getByRole('main')).not.toContainText('owner denied')
  })
}

for (const hidden of ['/self-service/login', '/self-service/errors?id=stub:500', '/sessions/whoami', '/admin/identities', '/schemas/user_v1']) {
  test(`${hidden} cannot be opened`, async ({ page, say }) => {
    const response = await page.goto(hidden)

    expect([404, 405]).toContain(response?.status())
    await expect(page).toShow(say, 'error-not-found')
  })
}

test('the address that takes a form leads to its page', async ({ page, say }) => {
  await page.goto('/login')

  await page.goto(`/fragments/login?flow=${flow(page)}`)

  await expect(page).toShow(say, 'login')
  expect(path(page)).toBe('/login')
})

test('a link to start a flow at Kratos leads to the page', async ({ page, say }) => {
  await page.goto('/self-service/login/browser?return_to=/sessions')

  await expect(page).toShow(say, 'login')
  expect(path(page)).toBe('/login')
})

test('the settings flow of another browser is not shown to another signed-in user', async ({ page, browser, say }) => {
  const theirs = await member()
  const elsewhere = await browser.newContext()
  const other = await elsewhere.newPage()
  await signIn(other, say, theirs)
  await other.goto('/settings?section=profile')
  await signIn(page, say, await member())

  await page.goto(other.url())

  await expect(page).toHaveURL(/\/settings\?/)
  expect(flow(page)).not.toBe(flow(other))
  await expect(page.locator('html')).not.toContainText(theirs.email)
  expect(await field(page, 'traits.email').count() && (await field(page, 'traits.email').inputValue())).not.toBe(theirs.email)
  await elsewhere.close()
})
