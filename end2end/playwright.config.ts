// The tests run against the real stack of stack.mjs: Kratos, real mail, Genkan. Each worker starts its own and ends it
// (support/stack.ts), set up as `test.use({ profile: … })` says at the top of a spec.

import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import type { Language } from './support/texts'
import type { Options, WorkerOptions } from './support/test'

// Debian's Chromium where it is installed, else the one of `npx playwright install chromium`.
const DEBIAN_CHROMIUM = '/usr/bin/chromium'
const chromium = process.env.CHROMIUM_PATH ?? (existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined)

const isCi = Boolean(process.env.CI)

type Mode = 'htmx' | 'no-js'

// A story is told with a script and without, in both languages.
const STORIES = ['journey', 'login', 'logout', 'recovery', 'registration', 'sessions', 'settings', 'verification', 'limits', 'htmx', 'no-js']

// The other specs have many cases. Two projects tell them, which is each mode once and each language once.
const isThorough = (mode: Mode, language: Language) => (mode === 'htmx') === (language === 'ja')

// No script, no key: what is left then is told in no-keys.spec.ts. The doctor sees no browser, and is asked once.
const ONLY_HTMX = ['doctor*.spec.ts', 'htmx.spec.ts', 'lighthouse.spec.ts', 'look-htmx.spec.ts', 'look-keys.spec.ts', 'mfa-key.spec.ts', 'passkey*.spec.ts', 'webauthn.spec.ts']
const ONLY_NO_JS = ['no-js.spec.ts', 'no-keys.spec.ts']

const project = (mode: Mode, language: Language) => ({
  name: `${mode} ${language}`,
  use: { language, locale: language, javaScriptEnabled: mode === 'htmx' },
  testMatch: isThorough(mode, language) ? '*.spec.ts' : STORIES.map(name => `${name}.spec.ts`),
  testIgnore: mode === 'htmx' ? ONLY_NO_JS : ONLY_HTMX,
})

export default defineConfig<Options, WorkerOptions>({
  testDir: 'tests',
  globalSetup: './support/stack.ts',
  outputDir: '../target/end2end',
  // Each has a stack of its own. More would keep a small machine so busy that tests wait for it in vain.
  workers: 2,
  forbidOnly: isCi,
  // A busy machine may keep Kratos' SQLite locked for once; what passes only then is counted as flaky.
  retries: isCi ? 1 : 0,
  reporter: [[isCi ? 'dot' : 'list'], ['./support/checks.ts']],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    launchOptions: {
      executablePath: chromium,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    // Every screen in every state, with no Kratos.
    { name: 'gallery', testDir: 'gallery', snapshotPathTemplate: 'gallery/pictures/{arg}{ext}' },
    project('htmx', 'ja'),
    project('htmx', 'en'),
    project('no-js', 'ja'),
    project('no-js', 'en'),
  ],
})
