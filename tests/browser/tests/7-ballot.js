// A secret ballot of the representatives of 建国村, as the demo's people go about it: called by the secretary, keys and codes made in
// browsers, five votes (one looked at first, one made twice, one at the terminal with a slip), opened by two trustees of three. Nothing
// that went to the server holds a seed, a code or a choice; the archive passes both verifiers.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from '../lib/runner.js'
import { chosenOf, does, giveSeed, makeCodes, makeKey, sealVote, sees, sendVote, typeCode } from '../lib/ballot.js'
import { checkNothingKept, checkNothingSecret } from '../lib/secrets.js'
import { World } from '../lib/world.js'
import { runs } from '../../web/lib.js'

const VILLAGE = '500230109221'
const VOTERS = ['first', 'second', 'third', 'fourth', 'fifth']
const PASSWORD = '文化广场种桂花树'

const rowsOf = (root, name) => readFileSync(path.join(root, 'demo', name), 'utf8').trim().split('\n').map(line => line.split(','))

// The demo, in which only five representatives of 建国村 are still in office: {world, people: {role: {login, password, name}}}.
async function electionWorld(t) {
  const folder = path.join(t.scratch, 'ballot')
  mkdirSync(folder)
  const names = new Map(rowsOf(t.root, 'people.csv').map(([person, name]) => [person, name]))
  const known = new Set(rowsOf(t.root, 'accounts.csv').map(([person]) => person)) // those have accounts already
  const holding = role => rowsOf(t.root, 'roles.csv').filter(([, held, place]) => held === role && place === VILLAGE)
  const representatives = holding('representative')
  const voters = representatives.filter(([person]) => !known.has(person)).slice(0, VOTERS.length)
  const [authority] = holding('supervisor').filter(([person]) => !known.has(person))
  const roles = { authority: authority[0], ...Object.fromEntries(VOTERS.map((role, at) => [role, voters[at][0]])) }
  const people = {}
  const world = await World.make(t.gongzhi, `sqlite:${path.join(folder, 'gongzhi.db')}`, folder, async made => {
    const file = path.join(folder, 'roles.csv')
    const leaving = representatives.filter(row => !voters.includes(row))
    const rows = leaving.map(([person, role, place, , from]) => `${person},${role},${place},,${from},2026-01-01`)
    writeFileSync(file, ['person,role,place,organisation,from,to', ...rows, ''].join('\n'))
    const imported = await made.command('import', 'roles', file, '--db', made.database, ...made.folders())
    assert.equal(imported.code, 0, imported.said)
    for (const [role, person] of Object.entries(roles)) {
      const { code, said } = await made.command('user', 'add', '--db', made.database, ...made.folders(), '--person', person, '--login', `jg-${role}`)
      assert.equal(code, 0, said)
      people[role] = { login: `jg-${role}`, password: said.match(/first password: (\S+)/)[1], name: names.get(person) }
    }
  })
  return { world, people, folder }
}

async function signIn(visitor, { login, password }) {
  await visitor.go('/sign-in')
  await visitor.fill({ login, password })
  await visitor.send()
  await visitor.fill({ old: password, new: PASSWORD, again: PASSWORD })
  await visitor.send()
  await visitor.page.locator('form[data-forget]').waitFor()
}

// Everything that leaves the browser.
function listen(visitor, requests) {
  visitor.context.on('request', request => requests.push({ method: request.method(), url: request.url(), body: request.postData() ?? '',
    headers: JSON.stringify(request.headers()) }))
}

// In the house's own time, in minutes from now.
const moment = minutes => new Date(Date.now() + (8 * 60 + minutes) * 60_000).toISOString().slice(0, 16)

// Until the house's clocks have moved the ballot on; they are looked at every twenty seconds.
async function waitFor(visitor, number, state) {
  for (let i = 0; i < 90; i++) {
    await visitor.go(`/ballots/${number}`)
    if ((await visitor.page.locator('main .now .state').innerText()).includes(state)) return
    await visitor.page.waitForTimeout(1000)
  }
  assert.fail(`the ballot does not become ${state}`)
}

test('建国村 votes in secret: from calling to the published result, for both verifiers', async t => {
  const { world, people: known, folder } = await electionWorld(t)
  const NAMES = Object.fromEntries(Object.entries(known).map(([role, { name }]) => [role, name]))
  const requests = []
  const people = { secretary: await t.visitor(world) }
  listen(people.secretary, requests)
  await people.secretary.enter('jianguo')
  for (const [role, account] of Object.entries(known)) {
    people[role] = await t.visitor(world)
    listen(people[role], requests)
    await signIn(people[role], account)
  }
  const stranger = await t.visitor(world)
  listen(stranger, requests)
  const { secretary, authority, first, second, third, fourth } = people
  const holders = [first, second, third]

  await secretary.go('/ballots/new')
  await secretary.fill({ title: '文化广场改造方案', opens: moment(-1), closes: moment(60), tool: 'older', question: '选哪个方案？', kind: 'one',
    answers: '种桂花树\n装健身器材\n先修路灯', blank: 'yes', roll: 'representatives', trustee_1: NAMES.first, trustee_2: NAMES.second,
    trustee_3: NAMES.third, authority: NAMES.authority })
  await secretary.send()
  const number = secretary.path().match(/^\/ballots\/(\d+-TP-\d{4}-\d+)/)[1]
  const at = part => `/ballots/${number}/${part}`

  // --- keys and codes, each on the own device ---
  const kept = []
  for (const [index, holder] of holders.entries()) {
    await holder.go(at('keys'))
    kept.push(await makeKey(holder.page))
    await sees(holder.page, index < 2 ? 'wait' : 'compare')
  }
  await second.go(at('keys')) // closed it meanwhile, comes back with the file
  await giveSeed(second.page, kept[1])
  for (const holder of holders) {
    await sees(holder.page, 'compare')
    await does(holder.page, 'same')
  }
  for (const holder of holders) await sees(holder.page, 'done')
  await authority.go(at('credentials'))
  const codes = await makeCodes(authority.page)
  assert.deepEqual(Object.keys(codes).sort(), VOTERS.map(role => NAMES[role]).sort())
  await waitFor(secretary, number, '投票中')

  // --- votes ---
  const codeOf = role => codes[NAMES[role]]
  await stranger.go(`${at('booth')}#${codeOf('first')}`) // not signed in: the code is not carried along
  await stranger.page.locator('[data-vote] [data-step="later"]').waitFor()
  assert.equal(new URL(stranger.page.url()).hash, '')

  await first.go(`${at('booth')}#${codeOf('first')}`)
  const opened = await sealVote(first.page, ['0'], () => first.checkLooks('booth'))
  await does(first.page, 'audit')
  await sees(first.page, 'audit')
  const opening = await first.page.locator('#vote-opening').inputValue()
  await stranger.go(`${at('audit')}#${opening}`)
  await sees(stranger.page, 'opened')
  assert.deepEqual(await chosenOf(stranger.page), ['种桂花树'])
  assert.equal(await stranger.page.locator('[data-at="tracker"]').innerText(), opened)
  await does(first.page, 'seal')
  const trackers = [await sendVote(first.page)]
  assert.notEqual(trackers[0], opened)
  await checkNothingKept(first.page, [codeOf('first'), kept[0].seed, opening])

  await second.go(at('booth'))
  await typeCode(second.page, codeOf('second'))
  await sealVote(second.page, ['0'])
  const superseded = await sendVote(second.page)
  await does(second.page, 'again')
  await sealVote(second.page, ['1'])
  trackers.push(await sendVote(second.page))

  for (const [voter, role, choice] of [[third, 'third', 'blank'], [fourth, 'fourth', '1']]) {
    await voter.go(`${at('booth')}#${codeOf(role)}`)
    await sealVote(voter.page, [choice])
    trackers.push(await sendVote(voter.page))
  }

  // the fifth has no telephone: a one-time slip from the secretary, and the terminal that nobody is signed in at
  await secretary.go(at('slips'))
  await secretary.page.locator(`main li:has-text("${NAMES.fifth}") button`).click()
  const slip = (await secretary.page.locator('main .number.huge').innerText()).trim()
  const terminal = await t.visitor(world)
  listen(terminal, requests)
  await terminal.go(at('booth'))
  await terminal.fill({ slip })
  await terminal.page.locator('main form.narrow button.main').click()
  await typeCode(terminal.page, codeOf('fifth').toUpperCase() === codeOf('fifth') ? codeOf('fifth') : codeOf('fifth').replace(/-/g, ''))
  await sealVote(terminal.page, ['2'])
  trackers.push(await sendVote(terminal.page))
  await does(terminal.page, 'again')
  await terminal.page.locator('#slip').waitFor({ state: 'visible' })

  // each finds the own number on the public list
  for (const tracker of [...trackers, superseded]) {
    await stranger.go(`${at('tracking')}?tracker=${encodeURIComponent(tracker)}`)
    assert.ok((await stranger.text()).includes(tracker))
    assert.equal(await stranger.page.locator('main .problems').count(), 0)
  }
  await stranger.go(`${at('tracking')}?tracker=${encodeURIComponent(opened)}`)
  assert.match(await stranger.text(), /已用于检查，不计票/)

  // --- opening ---
  await secretary.go(`/ballots/${number}`)
  await secretary.page.locator('form[action$="/moves/close_early"] button').click()
  await secretary.page.waitForLoadState()
  await waitFor(secretary, number, '已截止')
  for (const [holder, seed] of [[third, { seed: kept[2].seed }], [first, kept[0]]]) { // the second is away
    await holder.go(at('decrypt'))
    await giveSeed(holder.page, seed)
    await sees(holder.page, 'confirm')
    assert.match(await holder.text(), /5 人投了票/)
    await does(holder.page, 'open')
    await sees(holder.page, 'done')
  }
  await waitFor(stranger, number, '已公布')
  await stranger.checkLooks('result')
  const bars = await stranger.page.locator('.bars li').allInnerTexts()
  assert.deepEqual(bars.map(line => Number(line.match(/(\d+) 票/)[1])), [1, 2, 1, 1], 'trees, machines, lamps, abstained')

  // --- checked by anybody ---
  const archive = path.join(folder, 'archive')
  mkdirSync(archive)
  const file = path.join(archive, 'ballot.bel')
  writeFileSync(file, Buffer.from(await (await stranger.page.request.get(at('archive.bel'))).body()))
  const ours = runs(t.gongzhi, ['verify', 'election', file])
  assert.equal(ours.code, 0, ours.said)
  const theirs = runs('/usr/bin/belenios-tool', ['election', 'verify'], archive)
  assert.match(theirs.said, /all checks passed/)
  const whole = await world.command('verify', 'database', '--db', world.database, ...world.folders())
  assert.equal(whole.code, 0, whole.said)
  checkNothingSecret(requests, { seeds: kept.map(one => one.seed), codes: Object.values(codes), openings: [opening] })
  t.checkFaults()
  await world.stop()
})
