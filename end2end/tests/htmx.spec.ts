import type { Page, Request } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { askForCode, details } from '../support/steps'
import { expect, field, fill, flow, message, press, summary, test } from '../support/test'

/** All requests and navigations from now on. The icon does not count: a browser asks for it when it likes. */
function watch(page: Page) {
  const seen = { requests: [] as Request[], navigations: 0 }
  page.on('request', request => {
    if (!request.url().includes('/assets/icon.')) seen.requests.push(request)
  })
  page.on('framenavigated', () => (seen.navigations += 1))
  return seen
}

const posts = (seen: { requests: Request[] }) => seen.requests.filter(request => request.method() === 'POST')

test('a wrong password is one request and no navigation', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')
  const before = page.url()
  const entries = await page.evaluate(() => history.length)
  await fill(page, { identifier: email, password: 'not this one' })
  const seen = watch(page)

  const response = await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toBeFocused()
  expect(seen.requests.map(request => [request.method(), new URL(request.url()).pathname])).toEqual([
    ['POST', '/fragments/login'],
  ])
  expect(seen.navigations).toBe(0)
  expect(response.status()).toBe(422)
  expect(response.headers()['x-ui-fragment']).toBe('panel')
  expect(page.url()).toBe(before)
  expect(await page.evaluate(() => [history.length, history.state])).toEqual([entries, null])
})

test('a step of a flow is one request and no navigation', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  const before = page.url()
  const seen = watch(page)

  await askForCode(page, say, email)
  await expect(field(page, 'code')).toBeFocused()
  await fill(page, { code: await mailbox.code() })
  await press(page, say('confirm'))

  await expect(page).toShow(say, 'verification-done')
  expect(seen.requests.map(request => new URL(request.url()).pathname)).toEqual([
    '/fragments/verification',
    '/fragments/verification',
  ])
  expect(seen.navigations).toBe(0)
  expect(page.url()).toBe(before)
})

test('a sign-in is answered with the way to go, never with a redirect', async ({ page, say }) => {
  const { email, password } = await member()
  await page.goto('/login')
  await fill(page, { identifier: email, password })
  const seen = watch(page)

  const response = await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
  expect(response.status()).toBe(200)
  expect(response.headers()['hx-redirect']).toBe('/welcome')
  expect(posts(seen)).toHaveLength(1)
  expect(seen.navigations).toBe(1)
})

test('a double click sends the form once', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')
  await fill(page, { identifier: email, password: 'not this one' })
  const seen = watch(page)

  await page.getByRole('button', { name: say('login'), exact: true }).dblclick()

  await expect(page).toShow(say, 'login', { failed: true })
  expect(posts(seen)).toHaveLength(1)
})

test('the enter key and a click on top send the form once', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')
  await fill(page, { identifier: email, password: 'not this one' })
  const seen = watch(page)
  await page.route('/fragments/**', async route => {
    await page.getByRole('button', { name: say('login'), exact: true }).click()
    await route.continue()
  })

  await field(page, 'password').press('Enter')

  await expect(page).toShow(say, 'login', { failed: true })
  expect(posts(seen)).toHaveLength(1)
})

test('the enter key in the code field confirms, and sends no other code', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  await fill(page, { code: await mailbox.code() })

  await field(page, 'code').press('Enter')

  await expect(page).toShow(say, 'verification-done')
  expect(await mailbox.unread()).toEqual([])
})

test('the next field has the focus, and is read together with what was said', async ({ page, say }) => {
  const { email } = await newcomer()
  await page.goto('/verification')

  await askForCode(page, say, email)

  await expect(field(page, 'code')).toBeFocused()
  await expect(field(page, 'code')).toHaveAccessibleDescription(new RegExp(email))
  await expect(message(page, 1080003)).toContainText(email)
})

test('a reload shows the step that was reached', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)

  await page.reload()

  await expect(page).toShow(say, 'code')
  await fill(page, { code: await mailbox.code() })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')
})

test('going back leaves the flow and not a step of it', async ({ page, say }) => {
  await page.goto('/welcome')
  await page.getByRole('link', { name: say('recovery') }).click()
  await expect(page).toShow(say, 'recovery')
  await askForCode(page, say, stranger().email)

  await page.goBack()

  await expect(page).toHaveURL('/welcome')
})

test('when there is no network the entries stay, and the form can be sent again', async ({ page, say, troubles }) => {
  const person = stranger()
  await page.goto('/registration')
  await fill(page, details(person))
  await page.route('/fragments/**', route => route.abort('internetdisconnected'))
  const button = page.getByRole('button', { name: say('registration-submit'), exact: true })

  await button.click()

  await expect(page.locator('#net-error')).toBeVisible()
  await expect(page.locator('#net-error')).toContainText(say('net-error'))
  expect(troubles.splice(0)).toEqual([expect.stringContaining('Failed to fetch')])
  for (const [name, value] of Object.entries(details(person))) await expect(field(page, name)).toHaveValue(value)
  await expect(button).toBeFocused()
  await expect(button).toBeEnabled()
  await page.unroute('/fragments/**')
  await button.click()
  await expect(page).toHaveURL(/\/verification\?flow=/)
})

for (const [what, answer] of [
  ['an error page of a proxy', { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }],
  ['a refusal by a proxy', { status: 403, contentType: 'text/html', body: '<section id="panel">Blocked</section>' }],
  ['the page of a hotel network', { status: 200, contentType: 'text/html', body: '<section id="panel">Room number?</section>' }],
  ['a failure of ours', { status: 503, contentType: 'text/html', headers: { 'x-ui-fragment': 'panel', 'x-request-id': 'r-1' }, body: '<section id="panel">x</section>' }],
] as const) {
  test(`${what} never takes the place of the form`, async ({ page, say }) => {
    await page.goto('/login')
    await fill(page, { identifier: 'taro@example.com', password: 'not this one' })
    await page.route('/fragments/**', route => route.fulfill(answer))
    const button = page.getByRole('button', { name: say('login'), exact: true })

    await button.click()

    await expect(page.locator('#net-error')).toBeVisible()
    await expect(page).toShow(say, 'login')
    await expect(field(page, 'identifier')).toHaveValue('taro@example.com')
    await expect(field(page, 'password')).toHaveValue('not this one')
    await expect(button).toBeFocused()
    await expect(button).toBeEnabled()
  })
}

test('the word that the service was not reached goes away with the next attempt', async ({ page, say, troubles }) => {
  const { email } = await member()
  await page.goto('/login')
  await fill(page, { identifier: email, password: 'not this one' })
  await page.route('/fragments/**', route => route.abort(), { times: 1 })
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await expect(page.locator('#net-error')).toBeVisible()
  expect(troubles.splice(0)).toEqual([expect.stringContaining('Failed to fetch')])

  await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(page.locator('#net-error')).toBeHidden()
})

test('a page is a whole page also for htmx', async ({ page }) => {
  await page.goto('/login')

  const response = await page.request.get(page.url(), { headers: { 'HX-Request': 'true' } })

  const html = await response.text()
  expect(html).toContain('<!DOCTYPE html>')
  expect(html.trimEnd()).toMatch(/<\/html>$/)
})

test('markup that was smuggled in sends nothing', async ({ page, say, troubles }) => {
  await page.goto('/login')
  const seen = watch(page)

  await page.evaluate(() => {
    const element = document.createElement('div')
    element.setAttribute('hx-post', '/fragments/logout')
    element.setAttribute('hx-trigger', 'load')
    document.querySelector('#panel')?.append(element)
    const { htmx } = window as unknown as { htmx: { process(element: Element): void } }
    htmx.process(element)
  })
  await fill(page, { identifier: 'taro@example.com', password: 'not this one' })
  await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  expect(posts(seen).map(request => new URL(request.url()).pathname)).toEqual(['/fragments/login'])
  expect(troubles.splice(0)).toEqual([expect.stringContaining('blocked <div>')])
})

test('each mistake after another is said, with the focus on it', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')

  for (const password of ['first', 'second', 'third']) {
    await fill(page, { identifier: email, password })
    await press(page, say('login'))
    await expect(message(page, 4000006)).toHaveCount(1)
    await expect(summary(page)).toBeFocused()
    await expect(field(page, 'password')).toHaveValue('')
  }
  expect(flow(page)).not.toBe('')
})
