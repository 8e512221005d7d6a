// `genkan doctor`, as an operator runs it beside the stack.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { GENKAN, KRATOS, KRATOS_ADMIN } from './places'
import { GENKAN_BIN } from './stack'

/** What it prints, and whether it ends as if all were right. `files` are those of Kratos' configuration. */
export async function examine(settings: Record<string, string> = {}, files: string[] = []): Promise<{ report: string; isRight: boolean }> {
  const flags = files.flatMap(file => ['--kratos-config', file])
  const env = { ...process.env, KRATOS_PUBLIC_URL: KRATOS, KRATOS_ADMIN_URL: KRATOS_ADMIN, PUBLIC_URL: GENKAN, ...settings }
  try {
    const { stdout } = await promisify(execFile)(GENKAN_BIN, ['doctor', ...flags], { env })
    return { report: stdout, isRight: true }
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }
    if (code !== 1) throw error
    return { report: stdout, isRight: false }
  }
}

/** The faults in a report, each with what to do, on one line. */
export const faults = (report: string): string[] =>
  [...report.matchAll(/^ {2}WRONG {4}(.*)\n +→ (.*)$/gm)].map(([, what, mend]) => `${what} → ${mend}`)
