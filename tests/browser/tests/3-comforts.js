// What must not be lost, and what a device remembers.
import assert from 'node:assert/strict'
import { test } from '../lib/runner.js'
import { LAMP } from '../lib/story.js'

const drafts = page => page.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('gongzhi.draft.')).length)

test('what was being written is there again after the page was closed, until it is filed', async t => {
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  await villager.go('/requests/new')
  await villager.fill({ category: 'consult', text: '写到一半' })
  await villager.page.waitForFunction(() => Object.keys(localStorage).some(key => key.startsWith('gongzhi.draft.')))
  await villager.page.close()
  villager.page = await villager.newTab()
  await villager.go('/requests/new')
  assert.equal(await villager.page.locator('[name=text]').inputValue(), '写到一半')
  assert.ok(await villager.page.locator('[name=category][value=consult]').isChecked())
  assert.ok(await villager.page.locator('[data-draft-found]').isVisible())
  await villager.fill({ topic: 'errands' })
  await villager.send()
  await villager.page.locator('main .number.huge').waitFor()
  assert.equal(await drafts(villager.page), 0)
})

test('signing out forgets every draft of a shared phone', async t => {
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  await villager.go('/requests/new')
  await villager.fill({ text: '不想让别人看见' })
  await villager.page.waitForFunction(() => Object.keys(localStorage).some(key => key.startsWith('gongzhi.draft.')))
  await villager.signOut()
  assert.equal(await drafts(villager.page), 0)
})

test('a session that ends while typing loses nothing: the text survives the sign-in', async t => {
  const world = await t.worlds.sqlite()
  const { login, password: first } = world.account
  const password = '三组水井旁的路灯'
  const villager = await t.visitor(world), other = await t.visitor(world)
  await signIn(villager, login, first)
  assert.match(villager.path(), /^\/password/, 'a password given by someone else is changed first')
  await villager.fill({ old: first, new: password, again: password })
  await villager.send()
  await signIn(other, login, password)
  await villager.go('/requests/new')
  await villager.fill({ ...LAMP, text: '打到一半登录就过期了' })
  await other.go('/sessions')
  await other.page.locator('button[name=session][value=others]').click()
  await other.page.waitForLoadState()
  await villager.send()
  assert.ok((await villager.text()).includes('打到一半登录就过期了'), 'the sign-in page shows what was written')
  await villager.fill({ login, password: 'wrong-password-1' })
  await villager.send()
  assert.ok((await villager.text()).includes('打到一半登录就过期了'), 'also after a wrong password')
  await villager.fill({ login, password })
  await villager.send()
  assert.equal(await villager.page.locator('[name=text]').inputValue(), '打到一半登录就过期了')
  assert.ok(await villager.page.locator('[name=category][value=help]').isChecked())
  await villager.send()
  await villager.page.locator('main .number.huge').waitFor()
})

test('the demo\'s doors keep what was typed too, and lead back', async t => {
  const world = await t.worlds.sqlite()
  const villager = await t.visitor(world, { javaScript: false }), stranger = await t.visitor(world)
  await villager.enter('villager')
  await villager.go('/requests/new')
  await villager.fill({ ...LAMP, text: '写好了才发现没登录' })
  await villager.context.clearCookies()
  await villager.send()
  assert.ok((await villager.text()).includes('写好了才发现没登录'))
  await villager.page.locator('.doors button[name=door]').first().click()
  await villager.page.locator('form[data-forget]').waitFor()
  assert.equal(await villager.page.locator('[name=text]').inputValue(), '写好了才发现没登录')
  await stranger.go('/requests/new')
  await stranger.page.locator('.doors button[name=door]').first().click()
  await stranger.page.locator('form[data-forget]').waitFor()
  assert.equal(stranger.path(), '/requests/new')
})

async function signIn(visitor, login, password) {
  await visitor.go('/sign-in')
  await visitor.fill({ login, password })
  await visitor.send()
  await visitor.page.locator('form[data-forget]').waitFor()
}

test('the language changes on the page one stands on, and stays', async t => {
  const stranger = await t.visitor(await t.worlds.sqlite())
  await stranger.go('/log/500116106000')
  assert.equal(await stranger.page.locator('html').getAttribute('lang'), 'zh-CN')
  await stranger.page.locator('footer a[hreflang=en]').click()
  await stranger.page.locator('html[lang=en]').waitFor()
  assert.equal(stranger.path(), '/log/500116106000')
  assert.match(await stranger.page.locator('h1').innerText(), /log/i)
  await stranger.go('/')
  assert.equal(await stranger.page.locator('html').getAttribute('lang'), 'en')
  await stranger.page.locator('footer a[hreflang=zh-CN]').click()
  await stranger.page.locator('html[lang=zh-CN]').waitFor()
})

test('paper gets the slip alone', async t => {
  const villager = await t.visitor(await t.worlds.sqlite())
  await villager.enter('villager')
  const number = await villager.file({ ...LAMP, text: '打印小票' })
  await villager.page.emulateMedia({ media: 'print' })
  assert.ok(await villager.page.locator('main .slip').isVisible())
  assert.ok((await villager.page.locator('main .slip').innerText()).includes(number))
  assert.ok(await villager.page.locator('main .slip svg.qr').isVisible())
  for (const other of ['header nav', 'footer', 'main .buttons', 'main h1'])
    assert.ok(!await villager.page.locator(other).first().isVisible(), `${other} is not printed`)
})
