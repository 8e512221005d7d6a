// What the pages say, from the catalogues that they say it from.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'

export type Language = 'ja' | 'en'

/** A text of the catalogues, by its key and the values that stand in it. */
export type Say = (key: string, values?: Record<string, FluentVariable>) => string

export const OTHER: Record<Language, Language> = { ja: 'en', en: 'ja' }

const LOCALES = fileURLToPath(new URL('../../locales', import.meta.url))

const read = (language: Language): Say => {
  const bundle = new FluentBundle(language, { useIsolating: false })
  for (const file of ['ui.ftl', 'kratos.ftl']) {
    bundle.addResource(new FluentResource(readFileSync(path.join(LOCALES, language, file), 'utf8')))
  }
  return (key, values) => {
    const pattern = bundle.getMessage(key)?.value
    if (!pattern) throw new Error(`locales/${language} has no text ${key}`)
    return bundle.formatPattern(pattern, values)
  }
}

/** The texts of each language. */
export const TEXTS: Record<Language, Say> = { ja: read('ja'), en: read('en') }
