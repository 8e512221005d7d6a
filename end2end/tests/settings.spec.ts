import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { PRIVILEGED_SECONDS } from '../support/places'
import { signIn, signOut } from '../support/steps'
import { expect, field, fill, message, notice, press, summary, test, way } from '../support/test'
import { codeWithoutHook } from '../support/version'

test('C27 C44 a changed profile is kept, and that is said once', async ({ page, say, answer }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')
  await expect(page).toShow(say, 'settings-profile')

  await fill(page, { 'traits.nickname': 'タロ', 'traits.birthdate': '1990-04-01' })
  const response = await press(page, say('save'))

  expect(response.status()).toBe(answer.shown)
  await expect(page).toShow(say, 'settings-profile')
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(notice(page)).toBeFocused()
  await page.reload()
  await expect(page).toShow(say, 'settings-profile')
  await expect(notice(page)).toHaveCount(0)
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue('タロ')
  await expect(field(page, 'traits.birthdate')).toHaveValue('1990-04-01')
})

test('a field that may be empty can be emptied', async ({ page, say }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.birthdate': '1990-04-01' })
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))

  await fill(page, { 'traits.birthdate': '' })
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))

  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.birthdate')).toHaveValue('')
})

test('a field that must not be empty is named, and nothing is changed', async ({ page, say, answer }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=profile')

  await fill(page, { 'traits.nickname': '', 'traits.firstname': '次郎' })
  const response = await press(page, say('save'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'settings-profile', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(field(page, 'traits.nickname')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'traits.firstname')).toHaveValue('次郎')
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.firstname')).toHaveValue(person.firstname)
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
})

test('a new address has to be confirmed, and is then the one to sign in with', async ({ page, say, answer }) => {
  const person = await member()
  const email = stranger().email
  const mailbox = new Mailbox(email)
  await signIn(page, say, person)
  await page.goto('/settings?section=profile')

  await fill(page, { 'traits.email': email })
  expect((await press(page, say('save'))).status()).toBe(answer.left)
  await expect(page).toHaveURL(/\/verification\?flow=/)
  const code = await codeWithoutHook(page, say, email, mailbox)
  await expect(message(page, 1080003)).toContainText(email)
  await fill(page, { code })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')

  await signOut(page, say)
  await signIn(page, say, { ...person, email })
})

test('C27 a changed password is the one to sign in with, and the old one is not', async ({ page, say, answer }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=password')
  await expect(page).toShow(say, 'settings-password')
  await expect(page.getByLabel(say('account'), { exact: true })).toHaveValue(person.email)

  await fill(page, { password: 'something new to remember' })
  const response = await press(page, say('settings-password-submit'))

  expect(response.status()).toBe(answer.shown)
  await expect(page).toShow(say, 'settings-password')
  await expect(notice(page)).toHaveText(say('settings-password-saved'))
  await expect(notice(page)).toBeFocused()
  await expect(field(page, 'password')).toHaveValue('')
  await page.reload()
  await expect(page).toShow(say, 'settings-password')
  await expect(notice(page)).toHaveCount(0)
  await signOut(page, say)
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await signIn(page, say, { ...person, password: 'something new to remember' })
})

test('a password that is too short is refused, and the old one stays', async ({ page, say, answer }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=password')

  await fill(page, { password: 'short' })
  const response = await press(page, say('settings-password-submit'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'settings-password', { failed: true })
  await expect(message(page, 4000032)).toBeVisible()
  await signOut(page, say)
  await signIn(page, say, person)
})

test('C44 who signed in some time ago is asked again before the password changes, and then it has changed', async ({
  page,
  say,
  answer,
}) => {
  test.slow()
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=password')
  await page.waitForTimeout((PRIVILEGED_SECONDS + 1) * 1000)

  await fill(page, { password: 'something new to remember' })
  expect((await press(page, say('settings-password-submit'))).status()).toBe(answer.left)

  await expect(page).toHaveURL(/\/login\?/)
  await expect(page).toShow(say, 'login-again')
  await expect(page.getByRole('main').locator('input[autocomplete~=username]')).toHaveValue(person.email)
  await fill(page, { password: 'not this one' })
  expect((await press(page, say('continue'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login-again', { failed: true })
  await fill(page, { password: person.password })
  expect((await press(page, say('continue'))).status()).toBe(answer.left)
  await expect(page).toHaveURL(/\/settings\?/)
  await expect(notice(page)).toBeVisible()
  await signOut(page, say)
  await signIn(page, say, { ...person, password: 'something new to remember' })
})

test('C65 an address that means nothing is not there, as password managers test it', async ({ request }) => {
  const response = await request.get('/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200')

  expect(response.status()).toBe(404)
})

test('the settings form of another account starts again with the user’s own account', async ({ page, say }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')
  const theirs = page.url()
  await signOut(page, say)
  const person = await member()
  await signIn(page, say, person)

  await page.goto(theirs)

  await expect(page).toHaveURL(url => url.pathname === '/settings' && url.href !== theirs)
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
})

test('C65 a password manager finds where a password is changed, and can tell that from where nothing is', async ({ page, say }) => {
  await signIn(page, say, await member())

  const response = await page.request.get('/.well-known/change-password', { maxRedirects: 0 })
  await page.goto('/.well-known/change-password')

  expect(response.status()).toBe(303)
  expect(way(response)).toBe('/settings?section=password')
  await expect(page).toShow(say, 'settings-password')
  for (const name of ['resource-that-should-not-exist-whose-status-code-should-not-be-200', 'x', '']) {
    expect((await page.request.get(`/.well-known/${name}`, { maxRedirects: 0 })).status(), name).toBe(404)
  }
})
