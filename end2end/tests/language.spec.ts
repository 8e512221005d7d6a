import type { Page } from '@playwright/test'
import { member } from '../support/people'
import { GENKAN } from '../support/places'
import { expect, field, fill, flow, press, test } from '../support/test'
import { OTHER, TEXTS } from '../support/texts'

const lang = (page: Page) => page.locator('html').getAttribute('lang')

test('a page is in the language that the browser asks for', async ({ page, say, language }) => {
  await page.goto('/login')

  expect(await lang(page)).toBe(language)
  await expect(page).toShow(say, 'login')
})

test('C05 a link chooses the other language, keeps the flow, and is remembered', async ({ page, language }) => {
  const other = OTHER[language]
  await page.goto('/registration')
  const id = flow(page)

  const link = page.getByRole('contentinfo').locator(`a[hreflang=${other}]`)
  await expect(link).toHaveAttribute('lang', other)
  await link.click()

  await expect(page).toShow(TEXTS[other], 'registration')
  expect(await lang(page)).toBe(other)
  expect(flow(page)).toBe(id)
  await page.goto('/login')
  await expect(page).toShow(TEXTS[other], 'login')
})

test('the answer to a form is in the language that was chosen', async ({ page, language }) => {
  const say = TEXTS[OTHER[language]]
  const { email } = await member()
  await page.goto(`/login?lang=${OTHER[language]}`)

  await fill(page, { identifier: email, password: 'not this one' })
  await press(page, say('login'))

  await expect(page).toShow(say, 'login', { failed: true })
  await expect(page.locator('#error-summary')).toContainText(say('kratos-4000006'))
  await expect(field(page, 'identifier')).toHaveValue(email)
})

test('an address with a language is stronger than what was chosen before', async ({ page, language }) => {
  await page.goto(`/welcome?lang=${OTHER[language]}`)

  await page.goto(`/welcome?lang=${language}`)

  expect(await lang(page)).toBe(language)
})

test('a language that there is not changes nothing', async ({ page, language }) => {
  for (const tag of ['fr', '', '<script>', 'ja-x-klingon'.repeat(100)]) {
    await page.goto(`/welcome?${new URLSearchParams({ lang: tag })}`)
    expect(await lang(page)).toBe(language)
  }
})

for (const [asked, got] of [
  ['ja', 'ja'],
  ['en', 'en'],
  ['fr', 'ja'],
  ['fr, en;q=0.5', 'en'],
  ['en-US,en;q=0.9,ja;q=0.8', 'en'],
  ['ja-JP,en;q=0.9', 'ja'],
  ['en;q=0.1, ja;q=0.9', 'ja'],
  ['*', 'ja'],
  ['%%;;q=,', 'ja'],
] as const) {
  test(`C08 a browser that asks for "${asked}" gets ${got}`, async () => {
    const response = await fetch(`${GENKAN}/welcome`, { headers: { 'accept-language': asked } })

    const html = await response.text()
    expect(html).toContain(`<html lang="${got}"`)
    expect(html).toContain(TEXTS[got]('welcome-lead'))
  })
}

for (const asked of ['ja', 'en', 'fr']) {
  for (const got of ['ja', 'en'] as const) {
    test(`C08 an address that asks for ${got} beats a browser that asks for ${asked}`, async () => {
      const response = await fetch(`${GENKAN}/welcome?lang=${got}`, { headers: { 'accept-language': asked } })

      expect(await response.text()).toContain(`<html lang="${got}"`)
    })
  }
}
