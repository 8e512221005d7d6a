// What the script does for the eye.

import { stranger } from '../support/people'
import { moved } from '../support/shift'
import { expect, field, fill, press, test } from '../support/test'

test('C37 what is sent is a password again, and the form that comes back can show the next', async ({ page, say }) => {
  await page.goto('/login')
  await fill(page, { identifier: stranger().email, password: 'not this one' })
  const show = page.getByRole('button', { name: say('password-show-named'), exact: true })
  await show.click()
  const types = page.evaluate(
    () =>
      new Promise(resolve => {
        const form = document.querySelector('form')
        form?.addEventListener('submit', () => resolve(form.querySelector<HTMLInputElement>('[name=password]')?.type))
      }),
  )

  await press(page, say('login'))

  expect(await types).toBe('password')
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(field(page, 'password')).toHaveAttribute('type', 'password')
  await fill(page, { password: 'nor this' })
  await show.click()
  await expect(field(page, 'password')).toHaveAttribute('type', 'text')
})

test('an answer that takes long is waited for in words', async ({ page, say }) => {
  await page.clock.install()
  await page.goto('/login')
  await fill(page, { identifier: stranger().email, password: 'not this one' })
  let answer = () => {}
  const held = new Promise<void>(resolve => (answer = resolve))
  await page.route('/fragments/**', async route => {
    await held
    await route.continue()
  })
  await page.clock.pauseAt(Date.now() + 60_000)
  const submit = page.getByRole('button', { name: say('login'), exact: true })
  await submit.click()

  await expect(submit).toHaveCSS('opacity', '0.7')
  await page.clock.runFor(2500)
  await expect(page.locator('#live')).toHaveText('')
  await page.clock.runFor(1000)
  await expect(page.locator('#live')).toHaveText(say('sending'))

  await page.clock.resume()
  answer()
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(page.locator('#live')).toHaveText('')
})

test('C83 nothing moves when what needs a script appears', async ({ page }) => {
  for (const path of ['/login', '/registration']) {
    await page.goto(path)
    expect(await moved(page), path).toBe(0)
  }
})
