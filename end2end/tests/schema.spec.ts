import type { Page } from '@playwright/test'
import { accounts, makeAccount, stranger } from '../support/people'
import { signIn } from '../support/steps'
import { expect, field, fill, notice, press, summary, test } from '../support/test'

test.use({ profile: 'schema' })

type Traits = Record<string, unknown>

/** The traits that Kratos stores. */
const kept = async (email: string): Promise<Traits> => (await accounts(email))[0].traits

/** A user with an account and all of these traits. */
async function memberWith(traits: Traits) {
  const person = stranger()
  const { email, password } = person
  await makeAccount('everything', { email, name: { first: '太郎' }, age: 44, terms: true, ...traits }, password)
  return person
}

const choice = (page: Page, name: string) => page.getByTestId(`node/input/${name}`).locator('select')

test('every kind of field is kept, and shown again', async ({ page, say }) => {
  const { email, password } = stranger()
  const values = {
    'traits.name.first': '太郎',
    'traits.name.last': '山田',
    'traits.phone': '+81312345678',
    'traits.website': 'https://example.com/taro',
    'traits.age': '44',
    'traits.height': '1.7',
    'traits.birthdate': '1980-02-29',
    'traits.appointment': '2030-05-01T12:30',
    'traits.postcode': '100-0001',
    'traits.hobbies': '碁',
    'traits.billing.city': '京都',
    'traits.shipping.city': '奈良',
  }
  await page.goto('/registration')
  await fill(page, { ...values, 'traits.email': email, 'traits.hobbies': '囲碁', password })
  await choice(page, 'traits.color').selectOption('green')
  await field(page, 'traits.newsletter').check()
  await field(page, 'traits.terms').check()
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')

  expect(await kept(email)).toEqual({
    email,
    name: { first: '太郎', last: '山田' },
    phone: '+81312345678',
    website: 'https://example.com/taro',
    age: 44,
    height: 1.7,
    birthdate: '1980-02-29',
    appointment: '2030-05-01T12:30:00Z',
    color: 'green',
    postcode: '100-0001',
    hobbies: ['囲碁'],
    billing: { city: '京都' },
    shipping: { city: '奈良' },
    notes: {},
    newsletter: true,
    terms: true,
  })
  await page.goto('/settings?section=profile')
  for (const [name, value] of Object.entries(values).filter(([name]) => name !== 'traits.hobbies')) {
    await expect(field(page, name), name).toHaveValue(value)
  }
  await expect(field(page, 'traits.hobbies.0')).toHaveValue('囲碁')
  await expect(field(page, 'traits.hobbies')).toHaveValue('')
  await expect(choice(page, 'traits.color')).toHaveValue('green')
  await expect(field(page, 'traits.newsletter')).toBeChecked()
})

test('what is wrong stands at its field, and what was typed stays', async ({ page, say, answer }) => {
  const { email, password } = stranger()
  await page.goto('/registration')
  const values = {
    'traits.email': email,
    'traits.name.first': '太郎',
    'traits.age': '７',
    'traits.height': 'tall',
    'traits.appointment': '2030-05-01T12:30',
    'traits.postcode': '1000001',
    'traits.hobbies': 'x',
    password,
  }
  await fill(page, values)
  await choice(page, 'traits.color').selectOption('blue')

  expect((await press(page, say('registration-submit'))).status()).toBe(answer.failed)

  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(summary(page)).toBeFocused()
  const wrong = ['traits.age', 'traits.height', 'traits.postcode', 'traits.hobbies.0', 'traits.terms']
  for (const name of wrong) await expect(field(page, name), name).toHaveAttribute('aria-invalid', 'true')
  await expect(summary(page).getByRole('listitem')).toHaveCount(wrong.length)
  await expect(field(page, 'traits.age')).toHaveValue('7')
  await expect(field(page, 'traits.height')).toHaveValue('tall')
  await expect(field(page, 'traits.appointment')).toHaveValue('2030-05-01T12:30')
  await expect(field(page, 'traits.hobbies.0')).toHaveValue('x')
  await expect(field(page, 'traits.hobbies')).toHaveValue('')
  await expect(choice(page, 'traits.color')).toHaveValue('blue')

  await fill(page, { 'traits.age': '２７', 'traits.height': '', 'traits.postcode': '', 'traits.hobbies.0': '', password })
  await field(page, 'traits.terms').check()
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  expect(await kept(email)).toMatchObject({ age: 27, appointment: '2030-05-01T12:30:00Z', color: 'blue' })
})

test('what was cleared in a second try is not kept', async ({ page, say }) => {
  const { email, password } = stranger()
  await page.goto('/registration')
  await fill(page, {
    'traits.email': email,
    'traits.name.first': '太郎',
    'traits.age': '7',
    'traits.website': 'https://example.com/taro',
    'traits.birthdate': '1980-02-29',
    password,
  })
  await field(page, 'traits.terms').check()
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'registration', { failed: true })

  await fill(page, { 'traits.website': '', 'traits.birthdate': '', password })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'registration', { failed: true })
  await expect(field(page, 'traits.website')).toHaveValue('')
  await expect(field(page, 'traits.birthdate')).toHaveValue('')

  await fill(page, { 'traits.age': '27', password })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  const traits = await kept(email)
  for (const name of ['website', 'birthdate']) expect(traits).not.toHaveProperty(name)
})

test('a number that must be there is asked for when it is empty', async ({ page, say, answer }) => {
  const { email, password } = stranger()
  await page.goto('/registration')
  await fill(page, { 'traits.email': email, 'traits.name.first': '太郎', password })
  await field(page, 'traits.terms').check()

  expect((await press(page, say('registration-submit'))).status()).toBe(answer.failed)

  await expect(summary(page).getByRole('listitem')).toHaveCount(1)
  await expect(field(page, 'traits.age')).toHaveValue('')
  await expect(page.getByTestId('ui/message/4000002')).toBeVisible()
})

test('a profile that is saved as it is loses nothing', async ({ page, say }) => {
  const traits = {
    appointment: '2030-05-01T12:30:45+09:00',
    color: 'red',
    height: 1.75,
    hobbies: ['囲碁', '盆栽'],
    notes: { diet: { fish: false }, visits: [1, 2] },
    newsletter: false,
    billing: { city: '京都' },
  }
  const person = await memberWith(traits)
  await signIn(page, say, person)
  await page.goto('/settings?section=profile')
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  expect(await kept(person.email)).toMatchObject(traits)
})

test('a list grows and shrinks', async ({ page, say }) => {
  const person = await memberWith({ hobbies: ['囲碁', '盆栽'] })
  await signIn(page, say, person)
  await page.goto('/settings?section=profile')
  await fill(page, { 'traits.hobbies.0': '', 'traits.hobbies': '茶道' })
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  expect(await kept(person.email)).toMatchObject({ hobbies: ['盆栽', '茶道'] })
  await expect(field(page, 'traits.hobbies.1')).toHaveValue('茶道')
})

test('a choice can be taken back', async ({ page, say }) => {
  const person = await memberWith({ color: 'red' })
  await signIn(page, say, person)
  await page.goto('/settings?section=profile')
  await choice(page, 'traits.color').selectOption({ label: say('field-none') })
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  expect(await kept(person.email)).not.toHaveProperty('color')
})

test('two labels that would be the same name what they belong to', async ({ page, say }) => {
  await page.goto('/registration')
  const label = (group: string) => say('field-in-group', { group, label: 'City' })
  await expect(page.getByLabel(label('Bill to'))).toHaveAttribute('name', 'traits.billing.city')
  await expect(page.getByLabel(label('Deliver to'))).toHaveAttribute('name', 'traits.shipping.city')
})
