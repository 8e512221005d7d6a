// What is seen of the screens with the eyes, and reached with the keys: in a browser of its own for each screen.

import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test'
import { expectContrasts } from '../support/contrast'
import type { Language } from '../support/texts'
import { fail, HEIGHT, LANGUAGES, open, openAll, test, THEMES, WIDTHS } from './gallery'

const STYLE = fileURLToPath(new URL('../../style', import.meta.url))

/** Opens every state in every language, and fails with all that is wrong on any. */
async function onEach(
  browser: Browser,
  states: string[],
  options: BrowserContextOptions & { languages?: Language[]; theme?: string },
  faults: (page: Page) => Promise<string[]>,
) {
  test.setTimeout(600_000)
  const { languages = LANGUAGES, theme, ...context } = options
  const page = await browser.newPage({ viewport: { width: 320, height: HEIGHT }, ...context })
  const all: string[] = []
  for (const state of states) {
    for (const language of languages) {
      await open(page, state, language, theme)
      all.push(...(await faults(page)).map(fault => `${state} ${language}: ${fault}`))
    }
  }
  await page.close()
  fail(all)
}

/** Waits until the page is drawn again. Runs in the browser. */
const nextFrame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))

/** What is wider than the window, or shows only a part of what is in it; fields can be moved along. Runs in the browser. */
function tooWide(): string[] {
  const html = document.documentElement
  const over = html.scrollWidth - html.clientWidth
  const cut = [...document.querySelectorAll('body *:not(.vh, .skip, input, textarea)')].filter(element => {
    const { overflowX, overflowY } = getComputedStyle(element)
    const isCut = (style: string, size: number, all: number) => style !== 'visible' && all > size + 1
    return isCut(overflowX, element.clientWidth, element.scrollWidth) || isCut(overflowY, element.clientHeight, element.scrollHeight)
  })
  return [...(over > 0 ? [`${over} pixels too wide`] : []), ...cut.map(element => `cut off: ${element.outerHTML.slice(0, 80)}`)]
}

test('C66 no screen is wider than its window, even with a long address and a long name without a gap', async ({ browser, states }) => {
  await onEach(browser, states, {}, async page => {
    const faults: string[] = []
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT })
      await openAll(page)
      faults.push(...(await page.evaluate(tooWide)).map(fault => `${width}: ${fault}`))
    }
    await page.setViewportSize({ width: WIDTHS[0]!, height: HEIGHT })
    await page.evaluate(() => {
      const long = `${'very-long-name-without-any-gap'.repeat(2)}@example.com`
      document.querySelectorAll('bdi, .devices h2').forEach(element => (element.textContent = long))
      document.querySelectorAll<HTMLInputElement>('input[type=email]').forEach(input => (input.value = long))
    })
    return [...faults, ...(await page.evaluate(tooWide)).map(fault => `long: ${fault}`)]
  })
})

test('C67 nothing is cut off when the text is twice as large, or set wide', async ({ browser, states }) => {
  const spaced = '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }'
  const large = 'html { font-size: 200% !important }'
  await onEach(browser, states, { bypassCSP: true }, async page => {
    const wide = await page.addStyleTag({ content: spaced })
    const whenWide = await page.evaluate(tooWide)
    await wide.evaluate(style => (style as Element).remove())
    await page.addStyleTag({ content: large })
    const whenLarge = await page.evaluate(tooWide)
    const narrow = await page
      .locator('main .input:not([type=checkbox], [type=radio])')
      .evaluateAll(all => all.filter(it => it.checkVisibility() && it.clientWidth < 96).map(it => `${it.id} shows next to nothing`))
    return [...narrow, ...whenWide.map(fault => `set wide: ${fault}`), ...whenLarge.map(fault => `large: ${fault}`)]
  })
})

for (const theme of THEMES) {
  test(`C69 colours differ enough: ${theme}`, async ({ browser, states }) => {
    const page = await browser.newPage()
    await open(page, states[0]!, 'ja', theme)
    await expectContrasts(page)
    await page.close()
  })
}

test('C30 C70 C77 keys reach all there is, in the order in which it stands, each in sight and with a ring around it', async ({ browser, states }) => {
  await onEach(browser, states, { viewport: { width: 320, height: 480 }, languages: ['ja'] }, async page => {
    const faults: string[] = []
    // From the start of the page, wherever the page put the focus: it does so with its first frame.
    await page.evaluate(nextFrame)
    const expected = await page.evaluate(() => {
      const focus = 'a[href], button, input:not([type=hidden]), select, textarea, summary'
      const reachable = [...document.querySelectorAll<HTMLElement>(focus)].filter(
        it => it.checkVisibility({ visibilityProperty: true }) && !it.hasAttribute('disabled'),
      )
      const radios = new Set(reachable.filter(it => it.matches('[type=radio]')).map(it => it.getAttribute('name')))
      ;(document.activeElement as HTMLElement).blur()
      document.body.tabIndex = -1
      document.body.focus()
      document.body.removeAttribute('tabindex')
      return reachable.filter(it => !it.matches('[type=radio]')).length + radios.size
    })
    let last = { top: -1, bottom: -1, start: -1 }
    let stops = 0
    for (; stops <= expected; stops++) {
      await page.keyboard.press('Tab')
      // What has the focus is scrolled to with the next frame.
      await page.evaluate(nextFrame)
      const stop = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        if (element.matches('body, html')) return undefined
        const box = element.getBoundingClientRect()
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
        const style = getComputedStyle(element)
        return {
          what: element.outerHTML.slice(0, 80),
          top: box.top + scrollY,
          bottom: box.bottom + scrollY,
          start: box.left,
          // The browser scrolls by whole pixels.
          isInSight: box.top > -1 && box.bottom < innerHeight + 1 && box.left > -1 && box.right < innerWidth + 1,
          isOnTop: at === element || element.contains(at) || (at?.contains(element) ?? false),
          ring: style.outlineStyle === 'none' ? 0 : Number.parseFloat(style.outlineWidth),
          isSkip: element.matches('.skip'),
        }
      })
      // After the last comes the browser itself, or the first again.
      if (!stop || (stop.isSkip && stops > 0)) break
      if (!stop.isInSight) faults.push(`not in sight: ${stop.what}`)
      if (!stop.isOnTop) faults.push(`covered: ${stop.what}`)
      if (stop.ring < 2) faults.push(`a ring of ${stop.ring}: ${stop.what}`)
      if (stop.isSkip) continue
      const isBelow = stop.top >= last.bottom - 2
      const isBeside = stop.bottom > last.top && stop.start >= last.start
      if (!isBelow && !isBeside) faults.push(`out of order: ${stop.what}`)
      last = stop
    }
    if (stops !== expected) faults.push(`${stops} stops, not ${expected}`)
    return faults
  })
})

test('C71 with strong colours everything has a border, and nothing is told by its colour alone', async ({ browser, states }) => {
  await onEach(browser, states, { forcedColors: 'active', languages: ['ja'] }, page =>
    page.evaluate(() => {
      const width = (element: Element) => {
        const style = getComputedStyle(element)
        return style.borderBlockStartStyle === 'none' ? 0 : Number.parseFloat(style.borderBlockStartWidth)
      }
      const boxes = [...document.querySelectorAll('.btn, .input:not([type=checkbox], [type=radio]), .summary, .notice, .warning')]
      const bare = boxes.filter(it => it.checkVisibility() && width(it) < 1)
      const errors = [...document.querySelectorAll('[aria-invalid=true]')].filter(it => !document.getElementById(`${it.id}-error`)?.textContent)
      const chosen = [...document.querySelectorAll('[aria-current]')].filter(it => {
        const style = getComputedStyle(it)
        return style.fontWeight !== '700' && style.textDecorationLine !== 'none' && style.borderInlineStartStyle === 'none'
      })
      return [...bare, ...errors, ...chosen].map(it => it.outerHTML.slice(0, 80))
    }),
  )
})

test('C72 nothing moves with reduced motion, and nothing moves for long', async ({ browser, states }) => {
  const moving = () =>
    [...document.querySelectorAll('*')].flatMap(element => {
      const style = getComputedStyle(element)
      const durations = [style.transitionDuration, style.animationDuration].flatMap(text => text.split(',').map(Number.parseFloat))
      const seconds = Math.max(...durations)
      return seconds > 0 ? [{ element: element.outerHTML.slice(0, 80), seconds }] : []
    })
  await onEach(browser, states, { languages: ['ja'] }, async page => {
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    const long = (await page.evaluate(moving)).filter(({ seconds }) => seconds > 5)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    return [...long, ...(await page.evaluate(moving))].map(({ element, seconds }) => `${seconds} s: ${element}`)
  })
})

test('C73 the theme of the browser is that of the page, unless another was chosen', async ({ browser, states }) => {
  const [light, dark] = ['rgb(245, 246, 248)', 'rgb(16, 19, 23)']
  const looks = [
    { colorScheme: 'light', theme: 'auto', wanted: light },
    { colorScheme: 'dark', theme: 'auto', wanted: dark },
    { colorScheme: 'light', theme: 'dark', wanted: dark },
    { colorScheme: 'dark', theme: 'light', wanted: light },
  ] as const
  const some = states.filter(state => ['login', 'settings', 'hand-off', 'error-not-found'].includes(state))
  expect(some).toHaveLength(4)
  for (const { colorScheme, theme, wanted } of looks) {
    await onEach(browser, some, { colorScheme, theme }, async page => {
      const got = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      return got === wanted ? [] : [`${colorScheme}, ${theme}: ${got}`]
    })
  }
})

test('C25 C74 from right to left every screen fits, and what is never written so stays', async ({ browser, states }) => {
  const sheets = readdirSync(STYLE, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.css'))
  const sides = sheets.filter(name => /(?<![\w-])(?:(?:margin|padding|border|inset)-)?(?:left|right)\s*:/.test(readFileSync(`${STYLE}/${name}`, 'utf8')))
  expect(sheets.length).toBeGreaterThan(20)
  expect(sides).toEqual([])
  // Nor is anything marked as wrong by the browser itself.
  expect(sheets.filter(name => readFileSync(`${STYLE}/${name}`, 'utf8').includes(':invalid'))).toEqual([])
  await onEach(browser, states, {}, async page => {
    await page.evaluate(() => (document.documentElement.dir = 'rtl'))
    const turned = await page.evaluate(() =>
      [...document.querySelectorAll('input[type=email], input[autocomplete=one-time-code], #lookup-secret, main code')]
        .filter(it => getComputedStyle(it).direction !== 'ltr')
        .map(it => `written from the right: ${it.outerHTML.slice(0, 80)}`),
    )
    return [...(await page.evaluate(tooWide)), ...turned]
  })
})
