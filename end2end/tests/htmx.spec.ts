import type { Page, Request, Response } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { askForCode, confirmAddress, details, signIn } from '../support/steps'
import { expect, expectValues, field, fill, flow, isForHtmx, message, notice, panel, path, press, stored, summary, test, way } from '../support/test'

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

test('C43 C44 C47 a wrong password is one request and no navigation', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')
  const before = page.url()
  const entries = await page.evaluate(() => history.length)
  await fill(page, { identifier: email, password: 'not this one' })
  const seen = watch(page)

  const response = await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toBeFocused()
  expect(seen.requests.map(request => [request.method(), path(request)])).toEqual([
    ['POST', '/fragments/login'],
  ])
  expect(seen.navigations).toBe(0)
  expect(response.status()).toBe(422)
  expect(response.headers()['x-ui-fragment']).toBe('panel')
  expect(page.url()).toBe(before)
  expect(await page.evaluate(() => [history.length, history.state])).toEqual([entries, null])
})

test('C43 C44 C47 C52 a step of a flow is one request and no navigation', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  const before = page.url()
  const entries = await page.evaluate(() => history.length)
  const seen = watch(page)

  await askForCode(page, say, email)
  await expect(field(page, 'code')).toBeFocused()
  await confirmAddress(page, say, mailbox)

  expect(await page.evaluate(() => [history.length, history.state])).toEqual([entries, null])
  expect(seen.requests.map(request => path(request))).toEqual([
    '/fragments/verification',
    '/fragments/verification',
  ])
  expect(seen.navigations).toBe(0)
  expect(page.url()).toBe(before)
})

test('C44 C45 C48 what is done is answered with the way to go on, never with a redirect', async ({ page, say }) => {
  const person = stranger()
  const seen = watch(page)
  const expectWay = async (response: Response, to: RegExp) => {
    expect([response.status(), response.headers()['content-length']]).toEqual([200, '0'])
    expect(response.headers()).toHaveProperty('hx-redirect')
    expect(way(response)).toMatch(to)
    await expect(page).toHaveURL(url => to.test(url.pathname + url.search))
    expect(await stored(page)).toEqual([])
  }

  await page.goto('/registration')
  await fill(page, details(person))
  await expectWay(await press(page, say('registration-submit')), /^\/verification\?flow=/)
  await page.goto('/logout')
  await expectWay(await press(page, say('logout')), /^\/login/)
  await fill(page, { identifier: person.email, password: person.password })
  seen.navigations = 0
  await expectWay(await press(page, say('login')), /^\/welcome$/)

  expect(seen.navigations).toBe(1)
  expect(posts(seen)).toHaveLength(3)
  expect(posts(seen).every(isForHtmx)).toBe(true)
  for (const request of posts(seen)) expect(request.redirectedTo()).toBeNull()
})

test('C46 a double click sends the form once', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')
  await fill(page, { identifier: email, password: 'not this one' })
  const seen = watch(page)

  await page.getByRole('button', { name: say('login'), exact: true }).dblclick()

  await expect(page).toShow(say, 'login', { failed: true })
  expect(posts(seen)).toHaveLength(1)
})

test('C46 the enter key and a click on top send the form once', async ({ page, say }) => {
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

test('C26 C28 the next field has the focus, and is read together with what was said', async ({ page, say }) => {
  const { email } = await newcomer()
  await page.goto('/verification')

  await askForCode(page, say, email)

  await expect(field(page, 'code')).toBeFocused()
  const said = await message(page, 1080003).innerText()
  expect(said).toBe(say('verification-code-lead', { address: email }))
  await expect(field(page, 'code')).toHaveAccessibleDescription(`${said} ${say('hint-code')}`)
})

test('C47 a reload shows the step that was reached', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)

  await page.reload()

  await expect(page).toShow(say, 'code')
  await confirmAddress(page, say, mailbox)
})

test('C47 going back leaves the flow and not a step of it', async ({ page, say }) => {
  await page.goto('/welcome')
  await page.getByRole('link', { name: say('recovery') }).click()
  await expect(page).toShow(say, 'recovery')
  await askForCode(page, say, stranger().email)

  await page.goBack()

  await expect(page).toHaveURL('/welcome')
})

test('C49 when there is no network the entries stay, and the form can be sent again', async ({ page, say, troubles }) => {
  const person = stranger()
  await page.setViewportSize({ width: 320, height: 640 })
  await page.goto('/registration')
  await fill(page, details(person))
  await page.route('/fragments/**', route => route.abort('internetdisconnected'))
  const button = page.getByRole('button', { name: say('registration-submit'), exact: true })
  const before = await panel(page)

  await button.click()

  await expect(page.locator('#net-error')).toBeInViewport({ ratio: 1 })
  expect(await panel(page)).toBe(before)
  await expect(page.locator('#net-error')).toContainText(say('net-error'))
  expect(troubles.splice(0)).toEqual([expect.stringContaining('Failed to fetch')])
  await expectValues(page, details(person))
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
  test(`C49 ${what} never takes the place of the form`, async ({ page, say }) => {
    await page.goto('/login')
    await fill(page, { identifier: 'taro@example.com', password: 'not this one' })
    await page.route('/fragments/**', route => route.fulfill(answer))
    const button = page.getByRole('button', { name: say('login'), exact: true })
    const before = await panel(page)

    await button.click()

    await expect(page.locator('#net-error')).toBeInViewport()
    expect(await panel(page)).toBe(before)
    await expect(page).toShow(say, 'login')
    await expect(field(page, 'identifier')).toHaveValue('taro@example.com')
    await expect(field(page, 'password')).toHaveValue('not this one')
    await expect(button).toBeFocused()
    await expect(button).toBeEnabled()
  })
}

test('C49 after fifteen seconds without an answer the entries stay, and the form can be sent again', async ({ page, say, troubles }) => {
  const person = await member()
  await page.clock.install()
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: person.password })
  // No answer comes.
  await page.route('/fragments/**', () => {}, { times: 1 })
  const button = page.getByRole('button', { name: say('login'), exact: true })
  const before = await panel(page)
  await page.clock.pauseAt(Date.now() + 60_000)
  const asked = page.waitForRequest('/fragments/**')
  await button.click()
  await asked

  await page.clock.runFor(14_000)
  await expect(page.locator('#net-error')).toBeHidden()
  await page.clock.runFor(2_000)
  await expect(page.locator('#net-error')).toBeVisible()

  await expect(page.locator('#net-error')).toContainText(say('net-error'))
  expect(troubles.splice(0)).toEqual([expect.stringContaining('timeout')])
  expect(await panel(page)).toBe(before)
  await expect(field(page, 'identifier')).toHaveValue(person.email)
  await expect(field(page, 'password')).toHaveValue(person.password)
  await expect(button).toBeFocused()
  await expect(button).toBeEnabled()
  await page.clock.resume()
  await press(page, button)
  await expect(page).toHaveURL('/welcome')
})

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

const isWhole = (html: string) => html.startsWith('<!DOCTYPE html>') && html.trimEnd().endsWith('</html>')

for (const [user, paths] of [
  ['an anonymous user', ['/login', '/registration', '/recovery', '/verification', '/welcome', '/logout', '/nothing']],
  ['a signed-in user', ['/settings', '/settings?section=profile', '/sessions', '/welcome']],
] as const) {
  test(`C53 each page for ${user} is a whole page also for htmx`, async ({ page, say }) => {
    if (user === 'a signed-in user') await signIn(page, say, await member())

    for (const path of paths) {
      await page.goto(path)
      const response = await page.request.get(page.url(), { headers: { 'HX-Request': 'true' } })

      expect(isWhole(await response.text()), path).toBe(true)
      expect(response.headers(), path).not.toHaveProperty('x-ui-fragment')
    }
  })
}

test('C51 markup that was smuggled in sends nothing', async ({ page, say, troubles }) => {
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
  expect(posts(seen).map(request => path(request))).toEqual(['/fragments/login'])
  expect(troubles.splice(0)).toEqual([expect.stringContaining('blocked <div>')])
})

test('C51 markup that was smuggled into an answer sends nothing', async ({ page, say, troubles }) => {
  await page.goto('/login')
  const seen = watch(page)
  await page.route('/fragments/**', async route => {
    const response = await route.fetch()
    const smuggled = '<div hx-post="/fragments/logout" hx-trigger="load"></div></section>'
    await route.fulfill({ response, body: (await response.text()).replace('</section>', smuggled) })
  })

  await fill(page, { identifier: 'taro@example.com', password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(page.locator('#panel div:empty')).toHaveCount(1)
  await fill(page, { password: 'nor this one' })
  await press(page, say('login'))

  await expect(field(page, 'password')).toHaveValue('')
  expect(posts(seen).map(request => path(request))).toEqual(['/fragments/login', '/fragments/login'])
  expect(troubles.splice(0)).toEqual([expect.stringContaining('blocked <div>'), expect.stringContaining('blocked <div>')])
})

test('C50 a form whose nonce is gone is sent as a plain one, and works', async ({ page, say, troubles }) => {
  const person = await member()
  await page.goto('/login')
  await page.route(url => path({ url: () => url.href }) === '/login', async route => {
    const response = await route.fetch()
    await route.fulfill({ response, body: (await response.text()).replaceAll(/ hx-nonce="[^"]*"/g, '') })
  })
  await page.reload()
  await expect(page.locator('[hx-nonce]')).toHaveCount(0)
  const seen = watch(page)

  await fill(page, { identifier: person.email, password: person.password })
  const response = await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
  expect(response.status()).toBe(303)
  expect(posts(seen).map(isForHtmx)).toEqual([false])
  expect(troubles.splice(0)).toContainEqual(expect.stringContaining('blocked <form>'))
})

test('C28 an answer that does not come leaves the focus on the button', async ({ page, say, troubles }) => {
  await page.goto('/login')
  await fill(page, { identifier: 'taro@example.com', password: 'not this one' })
  await page.route('/fragments/**', route => route.abort())
  const button = page.getByRole('button', { name: say('login'), exact: true })

  await field(page, 'password').press('Enter')
  await expect(page.locator('#net-error')).toBeVisible()
  await expect(field(page, 'password')).toBeFocused()
  await button.click()
  await expect(button).toBeFocused()

  await expect.poll(() => troubles.length).toBe(2)
  troubles.splice(0)
})

test('C28 where no field comes next, what was said or the heading has the focus', async ({ page, say }) => {
  const { email } = await newcomer()
  await page.goto('/verification')
  await askForCode(page, say, email)

  await confirmAddress(page, say, new Mailbox(email))

  await expect(page.locator('#panel > :is(h1, #notice):focus')).toHaveCount(1)
})

test('C28 C44 C52 a change that was made takes the focus to the word of it, and the title goes along', async ({ page, say }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')

  await fill(page, { 'traits.nickname': '' })
  expect((await press(page, say('save'))).status()).toBe(422)
  await expect(page).toShow(say, 'settings-profile', { failed: true })
  await expect(summary(page)).toBeFocused()
  await fill(page, { 'traits.nickname': 'タロ' })
  expect((await press(page, say('save'))).status()).toBe(200)

  await expect(page).toShow(say, 'settings-profile')
  await expect(notice(page)).toBeFocused()
})

test('C28 C44 each mistake after another is said, with the focus on it', async ({ page, say }) => {
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
