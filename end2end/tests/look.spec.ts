// What people see, on a few screens and with an operator's brand. The numbers are those of the list of checks that the pages
// are held to.

import type { Locator, Page } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { expectContrasts } from '../support/contrast'
import { member } from '../support/people'
import { askForCode, shownCodes, signIn } from '../support/steps'
import { button, expect, field, fill, flow, notice, press, summary, test } from '../support/test'

const brand = (name: string) => fileURLToPath(new URL(`../support/brand/${name}`, import.meta.url))

test.use({
  profile: 'mfa',
  settings: {
    BRAND_CSS: brand('own.css'),
    LOGO: brand('logo.svg'),
    PRIVACY_URL: 'https://corp.example/privacy',
    HELP_URL: '/help',
  },
})

const LIGHT = 'rgb(245, 246, 248)'
const DARK = 'rgb(16, 19, 23)'

/** A few screens, by how they are reached. */
const SCREENS: Record<string, (page: Page, say: Parameters<typeof askForCode>[1]) => Promise<unknown>> = {
  'the sign-in': page => page.goto('/login'),
  'a sign-in that failed': async (page, say) => {
    await page.goto('/login')
    await fill(page, { identifier: `${'a'.repeat(40)}@example.com`, password: 'not this one' })
    await press(page, say('login'))
  },
  'the sign-up': page => page.goto('/registration'),
  'a code': async (page, say) => {
    await page.goto('/recovery')
    await askForCode(page, say, `${'b'.repeat(40)}@example.com`)
  },
  'no page': page => page.goto('/nothing'),
}

test('C36 a password is shown and hidden by a button, which keeps the focus and says what it did', async ({ page, say, hasScript }) => {
  await page.goto('/login')
  const password = field(page, 'password')
  const show = page.getByRole('button', { name: say('password-show-named'), exact: true })
  const hide = page.getByRole('button', { name: say('password-hide-named'), exact: true })
  if (!hasScript) {
    await expect(page.locator('.needs-js')).toHaveCount(1)
    await expect(page.locator('.needs-js')).toBeHidden()
    return
  }
  await password.fill('correct horse')
  await password.evaluate((element: HTMLInputElement) => element.setSelectionRange(3, 3))

  await show.press('Space')

  await expect(password).toHaveAttribute('type', 'text')
  await expect(hide).toHaveText(say('password-hide'))
  await expect(hide).toBeFocused()
  await expect(page.locator('#live')).toHaveText(say('password-shown'))
  expect(await password.evaluate((element: HTMLInputElement) => element.selectionStart)).toBe(3)
  await hide.press('Enter')
  await expect(password).toHaveAttribute('type', 'password')
  await expect(show).toHaveText(say('password-show'))
  await expect(show).toBeFocused()
  await expect(page.locator('#live')).toHaveText(say('password-hidden'))
  await expect(password).toHaveValue('correct horse')
})

test('C05 C73 language and theme are chosen by links, which keep the flow and are remembered', async ({ page, say, language }) => {
  const html = page.locator('html')
  const background = (colour: string) => expect(page.locator('body')).toHaveCSS('background-color', colour)
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/login')
  const begun = flow(page)
  await background(DARK)

  await page.getByRole('link', { name: say('theme-light'), exact: true }).click()
  await expect(html).toHaveAttribute('data-theme', 'light')
  await background(LIGHT)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.getByRole('link', { name: say('theme-dark'), exact: true }).click()
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await background(DARK)
  await expect(page.getByRole('link', { name: say('theme-dark'), exact: true })).toHaveAttribute('aria-current', 'true')
  expect(flow(page)).toBe(begun)

  const other = language === 'ja' ? 'en' : 'ja'
  const link = page.locator(`footer a[hreflang=${other}]`)
  await expect(link).toHaveAttribute('lang', other)
  await link.click()
  await expect(html).toHaveAttribute('lang', other)
  await background(DARK)
  expect(flow(page)).toBe(begun)

  await page.goto('/recovery')
  await expect(html).toHaveAttribute('lang', other)
  await background(DARK)
  await page.locator('footer a[href*="theme=auto"]').click()
  await expect(html).not.toHaveAttribute('data-theme')
  await background(LIGHT)
})

for (const [name, open] of Object.entries(SCREENS)) {
  test(`C25 C66 C68 C70 C74 C75 ${name} fits a small screen, in either direction, and can be seen and touched`, async ({ page, say }) => {
    await page.setViewportSize({ width: 320, height: 640 })
    await open(page, say)

    for (const dir of ['ltr', 'rtl']) {
      await page.locator('html').evaluate((html, dir) => html.setAttribute('dir', dir), dir)
      const { scrollWidth, clientWidth } = await page.locator('html').evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))
      expect(scrollWidth, dir).toBe(clientWidth)
      expect(await reachingOut(page), dir).toEqual([])
    }
    expect(await tooSmall(page)).toEqual([])
    for (const input of await page.locator('input:visible, select:visible').all()) {
      expect(await size(input, 'font-size')).toBeGreaterThanOrEqual(16)
      const isWrong = (await input.getAttribute('aria-invalid')) === 'true'
      expect(await size(input, 'border-top-width')).toBe(isWrong ? 2 : 1)
    }
    for (let stop = 0; stop < 30; stop++) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      if ((await focused.count()) === 0) break
      expect(await size(focused, 'outline-width'), await focused.innerText()).toBeGreaterThanOrEqual(2)
    }
  })
}

const SMALL = { width: 320, height: 480 }

for (const [name, open] of Object.entries(SCREENS)) {
  test(`C30 all that takes the focus on ${name} is in sight, also on a very small screen`, async ({ page, say }) => {
    await page.setViewportSize(SMALL)
    await open(page, say)

    await expectFocusInSight(page)
    await tabThrough(page)
  })
}

test('C30 the word that a change was made is in sight, and so is all that can be reached from there', async ({ page, say }) => {
  await page.setViewportSize(SMALL)
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')
  await press(page, say('save'))

  await expect(notice(page)).toBeFocused()
  await expectFocusInSight(page)
  await tabThrough(page)
})

test('C30 all mistakes of a sign-up are in sight at once', async ({ page, say }) => {
  await page.setViewportSize(SMALL)
  await page.goto('/registration')
  await press(page, say('registration-submit'))

  await expect(summary(page)).toBeFocused()
  await expectFocusInSight(page)
  await tabThrough(page)
})

test('C71 C72 strong colours and reduced motion are respected', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto('/login')
  for (const part of await page.locator('.btn:visible, .input:visible').all()) {
    expect(await size(part, 'border-top-width')).toBeGreaterThanOrEqual(2)
  }
  await page.keyboard.press('Tab')
  expect(await size(page.locator(':focus'), 'outline-width')).toBeGreaterThanOrEqual(2)

  await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'reduce' })
  const moving = await page.locator('body *').evaluateAll(elements =>
    elements
      .map(element => getComputedStyle(element))
      .map(style => [style.transitionDuration, style.animationDuration])
      .filter(durations => durations.some(duration => parseFloat(duration) > 0)),
  )
  expect(moving).toEqual([])
})

test('C76 backup codes are printed, and nothing else, dark on light', async ({ page, say }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=lookup_secret&theme=dark')
  await press(page, button(page, 'lookup_secret_regenerate', 'true'))
  await expect(button(page, 'lookup_secret_confirm', 'true')).toBeVisible()
  const codes = await shownCodes(page)

  await page.emulateMedia({ media: 'print' })

  const words = await page.locator('body').innerText()
  expect(words.split(/\s+/).filter(word => word !== '')).toEqual(codes)
  await expect(page.locator('.codes')).toHaveCSS('color', 'rgb(26, 31, 38)')
})

test('C69 the brand of the operator is that of the pages, and its colours differ enough', async ({ page, say, language }) => {
  await page.goto('/login')

  await expect(page.locator('body')).toHaveCSS('font-family', language === 'ja' ? 'monospace' : 'serif')

  const submit = page.getByRole('button', { name: say('login'), exact: true })
  await expect(submit).toHaveCSS('background-color', 'rgb(0, 105, 92)')
  await expect(submit).toHaveCSS('border-top-left-radius', '0px')
  const logo = page.getByRole('img', { name: 'Genkan' })
  await expect(logo).toHaveCSS('height', '32px')
  await expect(logo).toHaveJSProperty('complete', true)
  expect(await logo.evaluate((image: HTMLImageElement) => image.getBoundingClientRect().width)).toBe(120)
  const privacy = page.getByRole('link', { name: say('privacy'), exact: true })
  await expect(privacy).toHaveAttribute('href', 'https://corp.example/privacy')
  await expect(privacy).toHaveAttribute('rel', 'noreferrer')
  await expectContrasts(page)
  await page.getByRole('link', { name: say('theme-dark'), exact: true }).click()
  await expect(page.getByRole('button', { name: say('login'), exact: true })).toHaveCSS('background-color', 'rgb(127, 224, 208)')
  await expectContrasts(page)
})

/** Reaches everything with the keyboard, there and back. */
async function tabThrough(page: Page) {
  for (const key of ['Tab', 'Shift+Tab']) {
    let stops = 0
    for (; stops < 40; stops++) {
      await page.keyboard.press(key)
      if (await page.evaluate(() => document.activeElement === document.body)) break
      await expectFocusInSight(page)
    }
    expect(stops).toBeGreaterThan(2)
  }
}

/** What has the focus, if anything has, is wholly on the screen, and nothing lies on top of it. */
async function expectFocusInSight(page: Page) {
  const hidden = () =>
    page.evaluate(() => {
      const element = document.activeElement ?? document.body
      const { left, top, right, bottom } = element.getBoundingClientRect()
      if (element === document.body) return ''
      // A page is scrolled by whole pixels.
      const isInside = left > -1 && top > -1 && right < innerWidth + 1 && bottom < innerHeight + 1
      const corners = [left + 4, right - 4].flatMap(x => [top + 4, bottom - 4].map(y => [x, y]))
      // The corners of a link over two lines are none of its own.
      const points = element.getClientRects().length > 1 ? [] : [...corners, [(left + right) / 2, (top + bottom) / 2]]
      const isOnTop = points.every(([x, y]) => element.contains(document.elementFromPoint(x, y)))
      return isInside && isOnTop ? '' : `${element.outerHTML.slice(0, 100)} ${[left, top, right, bottom].map(Math.round)}`
    })
  await expect.poll(hidden).toBe('')
}

async function size(element: Locator, property: string): Promise<number> {
  return element.evaluate((element, property) => parseFloat(getComputedStyle(element).getPropertyValue(property)), property)
}

/** What reaches out of the screen sideways. */
const reachingOut = (page: Page): Promise<string[]> =>
  page.locator('body *:not(.vh, .skip)').evaluateAll(elements =>
    elements
      .filter(element => {
        const { left, right, width } = element.getBoundingClientRect()
        return width > 0 && (left < 0 || right > innerWidth)
      })
      .map(element => element.outerHTML.slice(0, 100)),
  )

/** What is too small to be touched. Links in a line of text may be; the skip link is seen only where there are keys. */
const tooSmall = (page: Page): Promise<string[]> =>
  page.locator('a:visible:not(.skip), button:visible, input:visible, select:visible, summary:visible').evaluateAll(elements =>
    elements
      .filter(element => {
        const { width, height } = element.getBoundingClientRect()
        const isInline = getComputedStyle(element).display === 'inline'
        const isLarge = element.matches('button, select, summary, input:not([type=checkbox])')
        return !isInline && (width < 24 || height < (isLarge ? 44 : 24))
      })
      .map(element => element.outerHTML.slice(0, 100)),
  )
