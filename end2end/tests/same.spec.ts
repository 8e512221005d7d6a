// What htmx puts in place is what a plain form leads to.

import type { Page } from '@playwright/test'
import { member, type Person } from '../support/people'
import { askForCode, openQuestion, setUpBackupCodes, signIn } from '../support/steps'
import { button, expect, fill, notice, panel, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'mfa' })

type Interaction = {
  /** Goes to where the form is. */
  open: (page: Page, say: Say, person: Person) => Promise<unknown>
  send: (page: Page, say: Say, person: Person) => Promise<unknown>
  /** What there is to see then. */
  shows: (page: Page, say: Say) => Promise<unknown>
}

const INTERACTIONS: Record<string, Interaction> = {
  'a mistake': {
    open: page => page.goto('/login'),
    send: async (page, say, { email }) => {
      await fill(page, { identifier: email, password: 'not this one' })
      await press(page, say('login'))
    },
    shows: (page, say) => expect(page).toShow(say, 'login', { failed: true }),
  },
  'the next step': {
    open: page => page.goto('/verification'),
    send: (page, say, { email }) => askForCode(page, say, email),
    shows: (page, say) => expect(page).toShow(say, 'code'),
  },
  'another code': {
    open: async (page, say, { email }) => {
      await page.goto('/verification')
      await askForCode(page, say, email)
    },
    send: (page, say) => press(page, say('resend')),
    shows: (page, say) => expect(notice(page)).toHaveText(say('flash-resent')),
  },
  'a change': {
    open: async (page, say, person) => {
      await signIn(page, say, person)
      await page.goto('/settings?section=profile')
    },
    send: (page, say) => press(page, say('save')),
    shows: (page, say) => expect(notice(page)).toHaveText(say('settings-saved')),
  },
  'a change that is refused': {
    open: async (page, say, person) => {
      await signIn(page, say, person)
      await page.goto('/settings?section=password')
    },
    send: async (page, say) => {
      await fill(page, { password: 'short' })
      await press(page, say('settings-password-submit'))
    },
    shows: page => expect(summary(page)).toBeFocused(),
  },
  'a removal': {
    open: async (page, say, person) => {
      await signIn(page, say, person)
      await setUpBackupCodes(page, say)
      await page.goto('/settings?section=lookup_secret')
      await openQuestion(button(page, 'lookup_secret_disable', 'true'))
    },
    send: page => press(page, button(page, 'lookup_secret_disable', 'true')),
    shows: (page, say) => expect(notice(page)).toHaveText(say('settings-saved')),
  },
}

for (const [name, { open, send, shows }] of Object.entries(INTERACTIONS)) {
  test(`C43 ${name} shows the same with htmx, which stays on the page, and without`, async ({ browser, say }) => {
    const show = async (javaScriptEnabled: boolean) => {
      const person = await member()
      const page = await browser.newPage({ javaScriptEnabled })
      await open(page, say, person)
      let navigations = 0
      page.on('framenavigated', () => (navigations += 1))
      await send(page, say, person)
      await shows(page, say)
      const html = (await panel(page)).replaceAll(person.email, 'ADDRESS')
      await page.context().close()
      return { html, navigations }
    }

    const [htmx, plain] = [await show(true), await show(false)]

    expect(htmx.html).toBe(plain.html)
    expect(htmx.navigations).toBe(0)
    expect(plain.navigations).toBeGreaterThan(0)
  })
}

for (const name of ['a mistake', 'the next step', 'a change that is refused']) {
  test(`C43 C47 a reload after ${name} shows what was there`, async ({ page, say }) => {
    const { open, send, shows } = INTERACTIONS[name]
    const person = await member()
    await open(page, say, person)
    await send(page, say, person)
    await shows(page, say)
    const before = await panel(page)
    const address = page.url()

    await page.reload()

    expect(await panel(page)).toBe(before)
    expect(page.url()).toBe(address)
  })
}
