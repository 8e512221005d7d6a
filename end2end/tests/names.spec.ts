// The names by which browser tests of operators find things: the same as in Ory's own pages.

import type { Page } from '@playwright/test'
import { member } from '../support/people'
import { signIn } from '../support/steps'
import { expect, fill, message, press, test } from '../support/test'

const names = (page: Page) =>
  page.locator('[data-testid^="node/input/"]').evaluateAll(elements => elements.map(element => element.getAttribute('data-testid')))

for (const [address, expected] of [
  ['/login', ['node/input/identifier', 'node/input/password']],
  [
    '/registration',
    [
      'node/input/password',
      'node/input/traits.birthdate',
      'node/input/traits.email',
      'node/input/traits.firstname',
      'node/input/traits.lastname',
      'node/input/traits.nickname',
    ],
  ],
  ['/verification', ['node/input/email']],
  ['/recovery', ['node/input/email']],
] as const) {
  test(`each field of ${address} has its name around it, once`, async ({ page }) => {
    await page.goto(address)

    expect((await names(page)).sort()).toEqual(expected)
    for (const name of expected) await expect(page.getByTestId(name).locator('input:visible')).toHaveCount(1)
  })
}

test('each field of the settings has its name around it, once', async ({ page, say }) => {
  await signIn(page, say, await member())

  await page.goto('/settings?section=profile')
  expect((await names(page)).sort()).toEqual([
    'node/input/traits.birthdate',
    'node/input/traits.email',
    'node/input/traits.firstname',
    'node/input/traits.lastname',
    'node/input/traits.nickname',
  ])
  await page.goto('/settings?section=password')
  expect(await names(page)).toEqual(['node/input/password'])
})

test('the buttons have the names and values that Kratos gives them', async ({ page, say }) => {
  await page.goto('/login')

  const button = page.getByRole('button', { name: say('login'), exact: true })
  await expect(button).toHaveAttribute('name', 'method')
  await expect(button).toHaveAttribute('value', 'password')
})

test('a message has its number, once', async ({ page, say }) => {
  const { email } = await member()
  await page.goto('/login')

  await fill(page, { identifier: email, password: 'not this one' })
  await press(page, say('login'))

  await expect(message(page, 4000006)).toHaveCount(1)
})
