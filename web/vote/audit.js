// web/vote/audit.js -- a second device opens a prepared vote and says what is sealed in it.
import { readElection } from './election.js'
import { wordsOf } from './booth.js'
import { Problem, list, takeFragment } from './page.js'

export async function audit(part, helper) {
  const given = takeFragment()
  const model = await part.model()
  const election = readElection(model.election)
  const ready = helper.ask('prepare', { raw: model.election })
  const pasted = document.getElementById('vote-opening')

  async function open(text) {
    await ready
    const opening = text.trim().replace(/^.*#/s, '') // the whole address will do
    const found = await helper.ask('open', { opening }).catch(() => { throw new Problem('opening') })
    list(part.at('chosen'), election.questions.map((question, at) => [question.question, wordsOf(part, question, found.choice[at])]))
    part.say('tracker', found.tracker)
    part.show('opened')
  }

  part.actions.submit_paste = () => open(pasted.value)
  part.actions.another = () => {
    pasted.value = ''
    part.show('paste')
  }
  part.show('paste')
  if (given) await part.attempt(() => open(given))
}
