// Where `stack.mjs test` has its parts.

export const GENKAN = 'http://localhost:3100'
export const KRATOS_ADMIN = 'http://127.0.0.1:4534'
export const MAIL = 'http://localhost:4536'

/** So long after a sign-in Kratos makes changes that matter without asking for the password again. */
export const PRIVILEGED_SECONDS = 20
