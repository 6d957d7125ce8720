// web/vote/seed.js -- a trustee's key on its way into the page: typed, or out of the file that was kept.
import { lookAt } from './credential.js'
import { Problem } from './page.js'

const IN_FILE = /[1-9A-HJ-NP-Za-km-z]{5}[ -]?[1-9A-HJ-NP-Za-km-z]{6}[ -]?[1-9A-HJ-NP-Za-km-z]{5}[ -]?[1-9A-HJ-NP-Za-km-z]{6}(?![0-9A-Za-z])/

const field = id => document.getElementById(id)

// What is given last counts: the file or what is typed.
export function watchSeed() {
  field('vote-seed').addEventListener('input', () => { field('vote-seed-file').value = '' })
  field('vote-seed-file').addEventListener('change', () => { field('vote-seed').value = '' })
}

// What was given, when it has the form of a key.
export async function seedGiven() {
  const [file] = field('vote-seed-file').files
  const text = file ? ((await file.text()).match(IN_FILE) ?? [''])[0] : field('vote-seed').value
  if (!lookAt(text).isWhole) throw new Problem('seed_short')
  return text
}

export function forgetSeed() {
  for (const id of ['vote-seed', 'vote-seed-file']) field(id).value = ''
}
