// One request's whole way, told once and walked with and without JavaScript, on both databases.
import assert from 'node:assert/strict'

export const LAMP = { category: 'help', topic: 'safety', text: '村口到小学的路灯坏了三盏，孩子放学要打手电，想请人来修。<b>&"\'=1+1', where: '三组水井旁' }

// WHO: {villager, clerk, handler} visitors who have entered; the request's number.
export async function walkRequest({ villager, clerk, handler, stranger }) {
  const number = await villager.file(LAMP)
  assert.match(number, /^\d{12}-QZ-\d{4}-\d{5}$/)
  await villager.open(number)
  const filed = await villager.state()
  assert.ok((await villager.text()).includes(LAMP.text), 'the words stand as they were typed')
  assert.deepEqual(await villager.moves(), [], 'while the desk has it the villager can only wait')

  await clerk.go('/inbox')
  assert.ok((await clerk.text()).includes(number), 'the desk sees it in its queue')
  await handler.go(`/requests/${number}`)
  assert.ok(!(await handler.text()).includes('路灯坏了三盏'), 'who has nothing to do with it sees only the progress line')

  await clerk.open(number)
  assert.deepEqual((await clerk.moves()).sort(), ['decline', 'dispatch'])
  await clerk.move('dispatch', { handler: await nameOf(handler) })
  await handler.go('/today')
  assert.ok((await handler.text()).includes(number), 'the handler finds it under today')
  await handler.open(number)
  assert.deepEqual((await handler.moves()).sort(), ['return', 'sign'])
  await handler.move('sign')
  await handler.open(number)
  assert.deepEqual((await handler.moves()).sort(), ['answer', 'ask_more_time', 'suspend'])
  await handler.move('ask_more_time', { reason: '配件要从城里买', workdays: 3 })
  await clerk.open(number)
  assert.deepEqual((await clerk.moves()).sort(), ['grant', 'refuse'])
  await clerk.move('grant')
  await handler.open(number)
  assert.deepEqual((await handler.moves()).sort(), ['answer', 'suspend'], 'more time is asked once')
  await handler.move('answer', { result: '三盏路灯已经换好，当晚已亮。' })

  await villager.open(number)
  assert.notEqual(await villager.state(), filed)
  assert.ok((await villager.text()).includes('三盏路灯已经换好'))
  assert.deepEqual((await villager.moves()).sort(), ['rate', 'reopen'])
  await villager.move('reopen', { reason: '昨晚又灭了一盏' })
  await handler.open(number)
  await handler.move('answer', { result: '又换了一盏，已亮三晚。' })
  await villager.open(number)
  assert.deepEqual(await villager.moves(), ['rate'], 'it can be reopened once')
  await villager.move('rate', { solved: 'yes', grade: 'satisfied', remark: '谢谢' })
  await villager.open(number)
  assert.deepEqual(await villager.moves(), [])
  assert.equal((await villager.history()).length, 9, 'filed, dispatched, signed, asked, granted, answered, reopened, answered, rated')

  await stranger.open(number)
  const seen = await stranger.text()
  assert.ok(seen.includes(number))
  for (const secret of ['路灯', '水井', '换好', '配件', '谢谢', await nameOf(villager)])
    assert.ok(!seen.includes(secret), `a stranger must not read ${secret}`)
  assert.deepEqual(await stranger.moves(), [])
  return number
}

// As the page's head says it.
export async function nameOf(visitor) {
  return visitor.page.locator('header .who a[href="/sessions"]').evaluate(link => link.firstChild.textContent.trim())
}

export async function everybody(t, world, about) {
  const [villager, clerk, handler, stranger] = await Promise.all([1, 2, 3, 4].map(() => t.visitor(world, about)))
  await villager.enter('villager')
  await clerk.enter('clerk')
  await handler.enter('handler')
  await stranger.go('/')
  return { villager, clerk, handler, stranger }
}
