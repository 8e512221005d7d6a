// What is left where a browser leaves something out: scripts, style sheets, cookies.

import type { Page } from '@playwright/test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { GENKAN } from '../support/places'
import { details } from '../support/steps'
import { expect, fill, message, notice, press, summary, test } from '../support/test'

/** Keeps files of one kind from the pages, and counts how many were asked for. */
async function block(page: Page, files: string): Promise<() => number> {
  let blocked = 0
  await page.route(files, route => {
    blocked += 1
    return route.abort()
  })
  return () => blocked
}

test('C82 with scripts blocked a user signs up, verifies the address, and changes the profile', async ({ page, say, hasScript }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  const blocked = await block(page, '**/*.js')
  await page.goto('/registration')

  await fill(page, { ...details(person), password: 'short' })
  expect((await press(page, say('registration-submit'))).status()).toBe(303)
  await expect(page).toShow(say, 'registration', { failed: true })
  await fill(page, { password: person.password })
  expect((await press(page, say('registration-submit'))).status()).toBe(303)
  await expect(page).toShow(say, 'code')
  await fill(page, { code: await mailbox.code() })
  expect((await press(page, say('confirm'))).status()).toBe(303)
  await expect(page).toShow(say, 'verification-done')
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.nickname': 'タロ' })
  expect((await press(page, say('save'))).status()).toBe(303)

  await expect(notice(page)).toHaveText(say('settings-saved'))
  expect(blocked() > 0).toBe(hasScript)
})

type Part = { name: string; top: number; bottom: number; left: number; right: number }

/** Heading, labels, fields, buttons and links, in the order in which they are read out. */
const parts = (page: Page): Promise<Part[]> =>
  page.locator('main').locator('h1, label, input, button[type=submit], a').evaluateAll(elements =>
    elements
      .filter(element => (element as HTMLElement).checkVisibility())
      .map(element => {
        const { top, bottom, left, right } = element.getBoundingClientRect()
        const name =
          element instanceof HTMLLabelElement
            ? `label of ${(element.control as HTMLInputElement).name}`
            : element instanceof HTMLInputElement
              ? element.name
              : (element.textContent ?? '').trim()
        return { name, top, bottom, left, right }
      }),
  )

/** What stands neither below what is read before it, nor beside it. */
const outOfOrder = (parts: Part[]): string[] =>
  parts
    .slice(1)
    .filter((part, at) => {
      const isBelow = part.top >= parts[at].bottom
      const isBeside = part.left >= parts[at].right && part.bottom > parts[at].top
      return !isBelow && !isBeside
    })
    .map(part => part.name)

const labelled = (...names: string[]) => names.flatMap(name => [`label of ${name}`, name])

test('C82 with style sheets blocked a page reads from its heading over each label and its field to the button', async ({ page, say, language }) => {
  const person = await member()
  const blocked = await block(page, '**/*.css')
  // Each language has its own order.
  const names = language === 'ja' ? ['traits.lastname', 'traits.firstname'] : ['traits.firstname', 'traits.lastname']

  for (const [address, heading, fields, submit, links] of [
    ['/login', 'login', ['identifier', 'password'], 'login', ['login-forgot', 'login-register']],
    [
      '/registration',
      'registration',
      ['traits.email', ...names, 'traits.nickname', 'traits.birthdate', 'password'],
      'registration-submit',
      ['registration-login'],
    ],
    ['/recovery', 'recovery', ['email'], 'send-code', ['go-to-login']],
  ] as const) {
    await page.goto(address)
    await expect(page).toShow(say, heading)
    const found = await parts(page)
    const expected = [say(heading), ...labelled(...fields), say(submit), ...links.map(link => say(link))]
    expect(found.map(part => part.name)).toEqual(expected)
    expect(outOfOrder(found)).toEqual([])
  }
  expect(blocked()).toBeGreaterThan(0)
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(summary(page)).toBeFocused()
  await expect(message(page, 4000006)).toBeVisible()
  await fill(page, { password: person.password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')
})

test('C82 a browser that keeps no cookies gets a clear message, not a form that cannot work', async ({
  playwright,
  launchOptions,
  locale,
  javaScriptEnabled,
  say,
}, testInfo) => {
  const profile = testInfo.outputPath('no-cookies')
  mkdirSync(`${profile}/Default`, { recursive: true })
  writeFileSync(`${profile}/Default/Preferences`, JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }))
  const browser = await playwright.chromium.launchPersistentContext(profile, { ...launchOptions, locale, javaScriptEnabled })
  const page = await browser.newPage()

  for (const address of ['/login', '/registration', '/recovery', '/verification']) {
    const response = await page.goto(`${GENKAN}${address}`)

    expect(response?.status()).toBe(403)
    await expect(page).toShow(say, 'error-cookies')
    await expect(page.getByTestId('ui/error/message')).toHaveText(say('error-cookies-lead'))
    await expect(page.locator('form')).toHaveCount(0)
  }
  expect(await browser.cookies()).toEqual([])
  await browser.close()
})
