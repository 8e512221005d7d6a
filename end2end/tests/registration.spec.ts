import { member, stranger } from '../support/people'
import { details, signOut } from '../support/steps'
import { expect, field, fill, flow, message, path, press, summary, test } from '../support/test'

test('a sign-up signs in at once and goes on to the code', async ({ page, say, answer }) => {
  const person = stranger()
  await page.goto('/registration')

  await fill(page, { ...details(person), 'traits.birthdate': '1990-04-01' })
  const response = await press(page, say('registration-submit'))

  expect(response.status()).toBe(answer.left)
  await expect(page).toHaveURL(/\/verification\?flow=/)
  await expect(page).toShow(say, 'code')
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
  await expect(field(page, 'traits.birthdate')).toHaveValue('1990-04-01')
})

test('every field is labelled in the language of the page, and what may be left empty says so', async ({ page, say }) => {
  await page.goto('/registration')

  await expect(page).toShow(say, 'registration')
  for (const name of ['email', 'lastname', 'firstname', 'nickname']) {
    await expect(page.getByTestId(`node/input/traits.${name}`).locator('label')).toHaveText(say(`trait-${name}`))
    await expect(field(page, `traits.${name}`)).toHaveAttribute('required')
  }
  await expect(page.getByTestId('node/input/traits.birthdate').locator('label')).toHaveText(
    `${say('trait-birthdate')} ${say('optional')}`,
  )
  await expect(page.getByTestId('node/input/password').getByLabel(say('kratos-1070001'), { exact: true })).toHaveAttribute('type', 'password')
})

test('C19 C23 a field that was left empty is named, and all others keep what was typed', async ({ page, say, answer }) => {
  const person = stranger()
  const label = say('trait-firstname')
  const told = say('kratos-4000002', { label, label_lower: label.charAt(0).toLowerCase() + label.slice(1) })
  await page.goto('/registration')
  const id = flow(page)

  await fill(page, { ...details(person), 'traits.firstname': '' })
  const response = await press(page, say('registration-submit'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(summary(page)).toBeFocused()
  await expect(summary(page).getByRole('link')).toHaveText([told])
  await expect(message(page, 4000002)).toContainText(told)
  await expect(field(page, 'traits.firstname')).toHaveAttribute('aria-invalid', 'true')
  for (const name of ['email', 'lastname', 'nickname'] as const) {
    await expect(field(page, `traits.${name}`)).toHaveValue(person[name])
    await expect(field(page, `traits.${name}`)).not.toHaveAttribute('aria-invalid')
  }
  await expect(field(page, 'password')).toHaveValue('')
  expect([path(page), flow(page)]).toEqual(['/registration', id])
})

test('an address that has an account already is refused', async ({ page, say, answer }) => {
  const { email } = await member()
  await page.goto('/registration')

  await fill(page, details({ ...stranger(), email }))
  const response = await press(page, say('registration-submit'))

  expect(response.status()).toBe(answer.failed)
  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 4000007)).toHaveText(say('kratos-4000007'))
})

test('what is no address is refused at its field', async ({ page, say }) => {
  await page.goto('/registration')

  await fill(page, details({ ...stranger(), email: 'nobody' }))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(field(page, 'traits.email')).toHaveAttribute('aria-invalid', 'true')
  await expect(field(page, 'traits.email')).toHaveValue('nobody')
})

test('a password that is too short is refused with the length it needs', async ({ page, say }) => {
  await page.goto('/registration')
  await expect(page.getByTestId('node/input/password')).toContainText(say('hint-new-password', { min: '8' }))

  await fill(page, details({ ...stranger(), password: 'short' }))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 4000032)).toContainText(say('kratos-4000032', { label: say('kratos-1070001'), min_length: 8 }))
})

test('a password that is like the address is refused', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')

  await fill(page, details({ ...person, password: person.email }))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(message(page, 4000031)).toContainText(say('kratos-4000031'))
})

test('what was wrong can be mended, and the account is made', async ({ page, say, answer }) => {
  const person = stranger()
  await page.goto('/registration')
  await fill(page, { ...details(person), 'traits.nickname': '', password: 'short' })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'registration', { failed: true })

  await fill(page, { 'traits.nickname': person.nickname, password: person.password })
  const response = await press(page, say('registration-submit'))

  expect(response.status()).toBe(answer.left)
  await expect(page).toHaveURL(/\/verification\?flow=/)
})

test('an account is there after the sign-up also if its address was never confirmed', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toHaveURL(/\/verification\?flow=/)
  await signOut(page, say)

  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
  await expect(page.getByRole('link', { name: say('verification') })).toBeVisible()
})
