// What people do on the pages of a secret ballot: the parts of src/systems/ballots/views, by what stands on them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const step = (page, name) => page.locator(`[data-vote] section[data-step="${name}"]:not(.paper)`)

const MOST = 60_000 // milliseconds: steps wait for other people's devices, each of which looks every eight seconds and computes for a while

export async function sees(page, name) {
  const shown = step(page, name)
  const problem = page.locator('[data-problems]:not([hidden])')
  await shown.or(problem).filter({ visible: true }).first().waitFor({ timeout: MOST })
  if (!await shown.isVisible()) throw new Error(`a problem instead of ${name}: ${await problem.innerText()}`)
}

export const does = (page, what) => page.locator(`[data-do="${what}"]:visible`).click()
export const goesOn = page => page.locator('[data-vote] section:not([hidden]) form button.main').click()
export const problemOf = async page => {
  await page.locator('[data-problems]').waitFor({ state: 'visible' })
  return page.locator('[data-problem-said]').innerText()
}

// --- trustees ---

// Makes the key up to where the others are waited for; the seed, as the paper and the file say it. LOOK is called before what is shown.
export async function makeKey(page, look = () => {}, lookAtCheck = () => {}) {
  await sees(page, 'make')
  await does(page, 'make')
  await sees(page, 'keep')
  await look()
  const shown = (await page.locator('[data-at="seed"]').innerText()).replace(/\s/g, '')
  const [download] = await Promise.all([page.waitForEvent('download'), does(page, 'save')])
  const file = await download.path()
  assert.ok(readFileSync(file, 'utf8').replace(/ /g, '').includes(shown), 'the file holds the key')
  await does(page, 'kept')
  await sees(page, 'check')
  assert.equal(await page.locator('[data-at="seed"]').isVisible(), false, 'what is asked for is not shown')
  await lookAtCheck()
  await page.locator('#vote-group').fill('zzzzz')
  await goesOn(page)
  assert.match(await problemOf(page), /不一样/)
  await does(page, 'keep_again') // not kept after all
  await sees(page, 'keep')
  assert.equal((await page.locator('[data-at="seed"]').innerText()).replace(/\s/g, ''), shown)
  await does(page, 'kept')
  await sees(page, 'check')
  const which = Number((await page.locator('[data-at="check_group"]').innerText()).match(/第 (\d) 组/)[1])
  const from = [0, 5, 11, 16, 22]
  await page.locator('#vote-group').fill(` ${shown.slice(from[which - 1], from[which]).toUpperCase()} `) // capitals are forgiven here
  await goesOn(page)
  return { seed: shown, file }
}

export async function giveSeed(page, { seed, file }) {
  await sees(page, 'seed')
  if (file) await page.locator('#vote-seed-file').setInputFiles(file)
  else await page.locator('#vote-seed').fill(seed.replace(/(.{4})/g, '$1-'))
  await goesOn(page)
}

// --- the credential authority ---

// {code of each voter by name}
export async function makeCodes(page, look = () => {}) {
  await sees(page, 'make')
  await does(page, 'make')
  await sees(page, 'keep')
  await look()
  const slips = await page.locator('.vote-slip').evaluateAll(found => found.map(slip =>
    [slip.querySelector('[data-at="name"]').textContent, slip.querySelector('[data-at="code"]').textContent]))
  await page.locator('label:has(#vote-kept)').click() // a tick is not enough
  await goesOn(page)
  assert.match(await problemOf(page), /还没有打印，也没有存文件/)
  await page.locator('label:has(#vote-kept)').click()
  const [download] = await Promise.all([page.waitForEvent('download'), does(page, 'save')])
  assert.match(await page.locator('[data-at="kept_said"]').innerText(), /存过文件了/)
  const kept = readFileSync(await download.path(), 'utf8')
  for (const [name, code] of slips) assert.ok(kept.includes(`${name}\t${code}`), 'the file holds every code')
  await goesOn(page)
  assert.match(await problemOf(page), /打勾/)
  await page.locator('label:has(#vote-kept)').click()
  await goesOn(page)
  await sees(page, 'done')
  return Object.fromEntries(slips)
}

// --- voters ---

export async function typeCode(page, code, slip) {
  await sees(page, 'code')
  await page.locator('#vote-code').fill(code)
  if (slip) await page.locator('#vote-slip').fill(slip)
  await goesOn(page)
}

// CHOICE: for each question the positions of the answers, or 'blank'; up to the sealed vote. Its tracker.
export async function sealVote(page, choice, look = () => {}) {
  await sees(page, 'choose')
  for (const [at, answers] of choice.entries())
    for (const value of [answers].flat()) await page.locator(`label:has(input[name="q${at}"][value="${value}"])`).click()
  await goesOn(page)
  await sees(page, 'review')
  await look()
  await does(page, 'seal')
  await sees(page, 'sealed')
  return page.locator('[data-at="tracker"]').innerText()
}

export async function sendVote(page) {
  await does(page, 'send')
  await sees(page, 'sent')
  return page.locator('#vote-sent-tracker').innerText()
}

export const chosenOf = page => page.locator('section:not([hidden]) dl.chosen dd').allInnerTexts()
