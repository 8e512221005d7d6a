// Passkeys: made in the settings or at the sign-up, used by the button or from the list below the address field.

import type { Page } from '@playwright/test'
import { Authenticator, expectReason, forge, NONSENSE } from '../support/authenticator'
import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { PRIVILEGED_SECONDS } from '../support/places'
import { changePassword, confirmAddress, openQuestion, signIn, signOut, signUp, traits } from '../support/steps'
import { addField, expect, field, fill, message, notice, path, press, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'passkey' })

const create = (page: Page) => page.getByTestId('node/input/passkey_settings_register_trigger')
const use = (page: Page) => page.getByTestId('node/input/passkey_login_trigger')
const signUpWithPasskey = (page: Page) => page.getByTestId('node/input/passkey_register_trigger')
const remove = (page: Page) => page.locator('button[name=passkey_remove]')

/** Makes a passkey for who is signed in. */
async function setUpPasskey(page: Page, say: Say) {
  await page.goto('/settings?section=passkey')
  await press(page, create(page))
  await expect(notice(page)).toHaveText(say('settings-saved'))
}

/** Records the requests of each page to an authenticator from now on. */
async function listenToRequests(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const asked: string[] = []
    Object.assign(window, { asked })
    const get = navigator.credentials.get.bind(navigator.credentials)
    navigator.credentials.get = options => {
      asked.push(options?.mediation ?? 'button')
      return get(options)
    }
  })
  return () => page.evaluate(() => (window as unknown as { asked: string[] }).asked)
}

/** All forms that are sent from now on. */
function posts(page: Page): string[] {
  const seen: string[] = []
  page.on('request', request => {
    if (request.method() === 'POST') seen.push(path(request))
  })
  return seen
}

test('C38 C39 C42 a passkey is created in the settings, signs in by its button, and is removed', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = await member()
  const asked = await listenToRequests(page)
  await signIn(page, say, person)
  await page.goto('/settings?section=passkey')
  await expect(page).toShow(say, 'settings-passkey')
  await expect(page.getByText(say('settings-passkey-none'))).toBeVisible()
  await expect(page.getByText(say('webauthn-lacking'))).toBeHidden()

  await press(page, create(page))
  await expect(page).toShow(say, 'settings-passkey')
  await expect(notice(page)).toHaveText(say('settings-saved'))
  const made = page.getByRole('listitem').filter({ hasText: say('passkey-name', { number: 1 }) })
  const since = Date.parse((await made.locator('time').getAttribute('datetime')) ?? '')
  expect(Math.abs(since - Date.now())).toBeLessThan(60_000)
  await expect(made.locator('time')).toContainText(String(new Date(since).getUTCFullYear()))
  expect(await authenticator.keys()).toBe(1)

  await authenticator.touch(false)
  await signOut(page, say)
  await expect(page.locator('input[autocomplete="username webauthn"]')).toBeVisible()
  await expect(use(page)).toBeVisible()
  await expect.poll(asked).toEqual(['conditional'])
  await authenticator.touch(true)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })

  const copy = await authenticator.copy()
  await page.goto('/settings?section=passkey')
  await openQuestion(remove(page))
  await expect(page.getByText(say('settings-passkey-remove-lead'))).toBeVisible()
  await press(page, remove(page))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(page.getByText(say('settings-passkey-none'))).toBeVisible()
  // The device is told.
  await expect.poll(() => authenticator.keys()).toBe(0)

  // Another has it all the same.
  await copy()
  await authenticator.touch(false)
  await signOut(page, say)
  await expect.poll(asked).toEqual(['conditional'])
  await authenticator.touch(true)
  await press(page, use(page))
  await authenticator.touch(false)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000015)).toHaveText(say('kratos-4000015'))
  await signIn(page, say, person)
})

test('C39 C40 the list below the address field signs in, also after a wrong password', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = await member()
  const asked = await listenToRequests(page)
  await signIn(page, say, person)
  await setUpPasskey(page, say)
  await authenticator.touch(false)
  await signOut(page, say)

  await authenticator.touch(true)
  // It may sign in before all of the page is there.
  await page.goto('/login', { waitUntil: 'commit' })
  await expect(page).toHaveURL('/welcome')

  await authenticator.touch(false)
  await signOut(page, say)
  const answered: [number, string | null][] = []
  page.on('response', response => {
    const sent = new URLSearchParams(response.request().postData() ?? '')
    if (sent.has('csrf_token')) answered.push([response.status(), sent.get('passkey_login') ? 'passkey' : sent.get('method')])
  })
  await fill(page, { identifier: person.email, password: 'not this one' })
  await expect.poll(asked).toEqual(['conditional'])
  await authenticator.touch(true)
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')
  expect(answered).toEqual([
    [422, 'password'],
    [303, 'passkey'],
  ])

  await authenticator.touch(false)
  await signOut(page, say)
  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await expect.poll(asked).toEqual(['conditional', 'conditional'])
  await authenticator.touch(true)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
})

test('C41 a user who cancels stays on the page, sees a message, and can try again', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = await member()
  await signIn(page, say, person)
  await setUpPasskey(page, say)
  const dialogs: string[] = []
  page.on('dialog', dialog => dialogs.push(dialog.message()))
  const asked = await listenToRequests(page)

  const sent = posts(page)
  await authenticator.recognise(false)
  await create(page).click()
  await expectReason(page, create(page), say('passkey-cancelled'))
  expect(sent).toEqual([])

  await authenticator.touch(false)
  await signOut(page, say)
  await expect.poll(asked).toEqual(['conditional'])
  sent.length = 0
  await authenticator.touch(true)
  await use(page).click()
  await expectReason(page, use(page), say('passkey-cancelled'))
  await expect(page).toShow(say, 'login')
  await expect.poll(asked).toEqual(['conditional', 'button', 'conditional'])
  expect([sent, dialogs]).toEqual([[], []])

  await authenticator.recognise(true)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
})

test('a device that has a passkey for the account already says so, and one that cannot make any says that', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  await signIn(page, say, await member())
  await setUpPasskey(page, say)
  const sent = posts(page)

  await create(page).click()
  await expectReason(page, create(page), say('webauthn-known'))
  expect([await authenticator.keys(), sent]).toEqual([1, []])
  await expect(remove(page)).toHaveCount(1)

  await page.evaluate(() => {
    navigator.credentials.create = () => Promise.reject(new DOMException('No.', 'NotSupportedError'))
  })
  await create(page).click()
  await expectReason(page, create(page), say('webauthn-failed'))
  expect(sent).toEqual([])

  await page.reload()
  await authenticator.clear()
  await press(page, create(page))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(remove(page)).toHaveCount(2)
})

test('C41 a second click, early or late, sends nothing more', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  await signIn(page, say, await member())
  await page.goto('/settings?section=passkey')
  const sent = posts(page)

  // The second click comes while the answer is on its way, which takes a while.
  await page.route('/fragments/**', async route => {
    await new Promise(resolve => setTimeout(resolve, 500))
    await route.continue()
  })
  await create(page).evaluate((button: HTMLButtonElement) => {
    button.form!.addEventListener('formdata', () => setTimeout(() => button.click(), 100))
  })
  await create(page).dblclick()
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await page.unroute('/fragments/**')
  expect(sent).toEqual(['/fragments/settings'])
  expect(await authenticator.keys()).toBe(1)
  await expect(remove(page)).toHaveCount(1)
})

test('C42 an account can be made with a passkey alone, which is then the last way in and stays', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = stranger()
  const fields = traits(person)
  await page.goto('/registration')
  const sent = posts(page)

  // Without a name there would be a passkey on the device that belongs to no account.
  await fill(page, { ...fields, 'traits.nickname': '' })
  await signUpWithPasskey(page).click()
  await expect(field(page, 'traits.nickname')).toBeFocused()
  expect([await authenticator.keys(), sent]).toEqual([0, []])
  await fill(page, { 'traits.nickname': person.nickname, 'traits.email': (await member()).email })
  await press(page, signUpWithPasskey(page))
  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 4000007)).toHaveCount(1)
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
  await authenticator.clear()
  await fill(page, { 'traits.email': person.email })
  await press(page, signUpWithPasskey(page))
  await expect(page).toHaveURL(/\/verification\?flow=/)

  await page.goto('/settings?section=passkey')
  await expect(page.getByText(say('settings-passkey-last'))).toBeVisible()
  await expect(remove(page)).toHaveCount(0)
  await authenticator.touch(false)
  await signOut(page, say)
  await authenticator.touch(true)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })

  await page.goto('/settings?section=password')
  await changePassword(page, say, person.password)
  await page.goto('/settings?section=passkey')
  await openQuestion(remove(page))
  await press(page, remove(page))
  await expect(page.getByText(say('settings-passkey-none'))).toBeVisible()
  await authenticator.touch(false)
  await signOut(page, say)
  await signIn(page, say, person)
})

test('a passkey is offered after the sign-up if the browser can create one', async ({ page, say }) => {
  const person = stranger()
  await signUp(page, say, person)
  await confirmAddress(page, say, new Mailbox(person.email))

  await page.getByRole('link', { name: say('passkey-create') }).click()

  await expect(page).toShow(say, 'settings-passkey')
  await expect(create(page)).toBeVisible()
})

test('one of two passkeys is removed after a confirmation with the other', async ({ page, say }) => {
  test.slow()
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = await member()
  await signIn(page, say, person)
  await setUpPasskey(page, say)
  await authenticator.clear()
  await setUpPasskey(page, say)
  await page.waitForTimeout((PRIVILEGED_SECONDS + 1) * 1000)

  const first = remove(page).first()
  const name = await first.getAttribute('value')
  await openQuestion(first)
  await press(page, first)
  await expect(page).toShow(say, 'login-again')
  await press(page, use(page))
  await expect(page).toShow(say, 'settings-passkey')
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(remove(page)).toHaveCount(1)
  expect(await remove(page).getAttribute('value')).not.toBe(name)
})

test('an answer of an authenticator counts once, and only for what it was given for', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=passkey')
  const answer = async (name: string, press: () => Promise<unknown>) => {
    const request = page.waitForRequest(request => request.method() === 'POST')
    await press()
    return new URLSearchParams((await request).postData() ?? '').get(name) ?? ''
  }
  const made = await answer('passkey_settings_register', () => press(page, create(page)))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await authenticator.touch(false)
  await signOut(page, say)
  await authenticator.touch(true)
  const given = await answer('passkey_login', () => press(page, use(page)))
  await expect(page).toHaveURL('/welcome')

  await page.goto('/settings?section=passkey')
  expect((await forge(page, 'passkey_settings_register', made)).status()).toBeLessThan(500)
  await expect(page).toShow(say, 'settings-passkey', { failed: true })
  await expect(remove(page)).toHaveCount(1)
  await authenticator.touch(false)
  await signOut(page, say)
  expect((await forge(page, 'passkey_login', given)).status()).toBeLessThan(500)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000008)).toHaveText(say('kratos-4000043'))
})

test('what no authenticator answers is told, and does nothing', async ({ page, say }) => {
  const person = await member()
  for (const value of NONSENSE) {
    await page.goto('/login')
    expect((await forge(page, 'passkey_login', value)).status(), value).toBeLessThan(500)
    await expect(page, value).toShow(say, 'login', { failed: true })
  }

  await signIn(page, say, person)
  for (const value of NONSENSE) {
    await page.goto('/settings?section=passkey')
    expect((await forge(page, 'passkey_settings_register', value)).status(), value).toBeLessThan(500)
    await expect(page, value).toShow(say, 'settings-passkey', { failed: true })
  }
  await page.goto('/settings?section=password')
  await addField(page, say('settings-password-submit'), 'passkey_remove', 'nonsense')
  expect((await press(page, say('settings-password-submit'))).status()).toBeLessThan(500)
  await expect(page).toShow(say, 'settings-password', { failed: true })
})

test('C38 a browser without passkeys is offered none, and a password signs in', async ({ page, say }) => {
  const person = await member()
  await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'))

  for (const [path, button] of [
    ['/login', use(page)],
    ['/registration', signUpWithPasskey(page)],
  ] as const) {
    await page.goto(path)
    await expect(button).toHaveCount(1)
    await expect(button).toBeHidden()
  }
  await signIn(page, say, person)
  await page.goto('/settings?section=passkey')
  await expect(create(page)).toHaveCount(1)
  await expect(create(page)).toBeHidden()
  await expect(page.getByText(say('webauthn-lacking'))).toBeVisible()
})
