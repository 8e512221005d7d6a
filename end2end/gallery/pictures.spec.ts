// Compares every screen with its last reviewed picture. `make pictures` takes them again.

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, type Browser } from '@playwright/test'
import { HEIGHT, open, SCREENS, test } from './gallery'

/** Which browser the pictures are of. */
const BROWSER = new URL('pictures/BROWSER', import.meta.url)

// Each state once, and each screen in the other language, theme and width too. More would make the repository large.
const LOOKS = [
  { language: 'ja', theme: 'light', width: 320, only: undefined },
  { language: 'en', theme: 'dark', width: 1280, only: SCREENS },
] as const

for (const { language, theme, width, only } of LOOKS) {
  test(`every screen looks as it did: ${language}, ${theme}, ${width} px`, async ({ browser, states }) => {
    test.setTimeout(600_000)
    const has = await name(browser)
    const isNew = ['all', 'changed'].includes(test.info().config.updateSnapshots)
    if (isNew) writeFileSync(BROWSER, has)
    const wanted = readFileSync(BROWSER, 'utf8')
    test.skip(has !== wanted, `the pictures are of ${wanted.trim()}, and this is ${has.trim()}`)
    const page = await browser.newPage({ viewport: { width, height: HEIGHT }, reducedMotion: 'reduce' })

    for (const state of only ?? states) {
      await open(page, state, language, theme)
      // The number of a request is another each time.
      const mask = [page.locator('main p > code')]
      await expect.soft(page).toHaveScreenshot([language, `${state}.png`], { fullPage: true, mask, maxDiffPixels: 50 })
    }

    await page.close()
  })
}

/** Another Chromium draws edges otherwise, and other fonts have other letters: a few of those are measured. */
async function name(browser: Browser): Promise<string> {
  const page = await browser.newPage()
  const widths = await page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d')!
    return ['system-ui', 'monospace'].flatMap(font => {
      canvas.font = `64px ${font}`
      return ['Genkan, quickly', 'ログインの確認'].map(text => canvas.measureText(text).width.toFixed(1))
    })
  })
  await page.close()
  return `Chromium ${browser.version()} with letters of ${widths.join(', ')}\n`
}
