import { member } from '../support/people'
import { GENKAN } from '../support/places'
import { signIn, signOut } from '../support/steps'
import { expect, field, fill, flow, message, panel, path, press, summary, test } from '../support/test'

test('the form has one field for the address and one for the password', async ({ page, say }) => {
  await page.goto('/login')

  await expect(page).toShow(say, 'login')
  await expect(page.getByTestId('node/input/identifier').getByLabel(say('trait-email'))).toBeFocused()
  await expect(page.getByTestId('node/input/password').getByLabel(say('kratos-1070001'), { exact: true })).toHaveAttribute('type', 'password')
  await expect(page.getByTestId('signup-link')).toHaveText(say('login-register'))
  await expect(page.getByTestId('forgot-password-link')).toHaveText(say('login-forgot'))
})

test('C16 C23 a wrong password is said once, keeps the address, and empties the password', async ({ page, say, answer }) => {
  const { email } = await member()
  await page.goto('/login')
  const id = flow(page)

  await fill(page, { identifier: email, password: 'not this one' })
  const response = await press(page, say('login'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
  await expect(field(page, 'identifier')).toHaveValue(email)
  await expect(field(page, 'password')).toHaveValue('')
  expect([path(page), flow(page)]).toEqual(['/login', id])
})

test('C21 an unknown address is answered like a wrong password', async ({ page, say }) => {
  const { email } = await member()
  const answerTo = async (identifier: string) => {
    await page.goto('/login')
    await fill(page, { identifier, password: 'not this one' })
    await press(page, say('login'))
    await expect(page).toShow(say, 'login', { failed: true })
    return (await panel(page)).replaceAll(identifier, '…')
  }

  const known = await answerTo(email)
  const unknown = await answerTo(`x${email}`)

  expect(unknown).toBe(known)
})

test('C19 each field that was left empty is named, and the summary leads to it', async ({ page, say, answer }) => {
  await page.goto('/login')

  const response = await press(page, say('login'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(summary(page).getByRole('heading')).toHaveText(say('error-summary'))
  await expect(summary(page).getByRole('link')).toHaveCount(2)
  for (const [name, label] of [
    ['identifier', say('trait-email')],
    ['password', say('kratos-1070001')],
  ]) {
    const told = say('kratos-4000002', { label, label_lower: label.charAt(0).toLowerCase() + label.slice(1) })
    await expect(page.getByTestId(`node/input/${name}`).locator('.error')).toHaveText(say('error-prefix') + told)
    await expect(field(page, name)).toHaveAttribute('aria-invalid', 'true')
    await summary(page).getByRole('link', { name: told }).click()
    await expect(field(page, name)).toBeFocused()
  }
})

test('a sign-in after a wrong password goes on as if nothing had been', async ({ page, say, answer }) => {
  const person = await member()
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })

  await fill(page, { password: person.password })
  const response = await press(page, say('login'))

  expect(response.status()).toBe(answer.left)
  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
})

for (const page_ of ['/settings', '/settings?section=password', '/sessions']) {
  test(`${page_} leads to the sign-in and back`, async ({ page, say }) => {
    const person = await member()

    await page.goto(page_)
    await expect(page).toShow(say, 'login')
    await fill(page, { identifier: person.email, password: person.password })
    await press(page, say('login'))

    await expect(page).toHaveURL(url => url.pathname === new URL(page_, url).pathname)
    expect(new URL(page.url()).searchParams.get('section')).toBe(new URL(page_, page.url()).searchParams.get('section'))
  })
}

test('a wrong password on the way to a page does not lose the page', async ({ page, say }) => {
  const person = await member()
  await page.goto('/sessions')
  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })

  await fill(page, { password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('the way back goes along to the sign-up and to the recovery', async ({ page }) => {
  await page.goto('/sessions')

  for (const link of ['signup-link', 'forgot-password-link']) {
    const href = await page.getByTestId(link).getAttribute('href')
    expect(new URL(href ?? '', page.url()).searchParams.get('return_to')).toBe(`${GENKAN}/sessions`)
  }
})

for (const [start, end] of [
  ['/login', '/welcome'],
  ['/registration', '/welcome'],
  ['/login?return_to=/sessions', '/sessions'],
]) {
  test(`${start} leads a signed-in user to ${end}`, async ({ page, say }) => {
    await signIn(page, say, await member())

    await page.goto(start)

    await expect(page).toHaveURL(end)
  })
}

test('a form that is sent after a sign-in in another tab goes on to the welcome page', async ({ page, context, say }) => {
  const person = await member()
  await page.goto('/login')
  const other = await context.newPage()
  await signIn(other, say, person)

  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

test('another user can sign in with the same browser after a sign-out', async ({ page, say }) => {
  await signIn(page, say, await member())
  await signOut(page, say)
  const other = await member()

  await fill(page, { identifier: other.email, password: other.password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')

  await page.goto('/sessions')
  await expect(page.getByRole('main')).toContainText(other.email)
})
