// web/vote/credentials.js -- the credential authority makes a code for each voter of the roll, prints and keeps them, and sends the public halves
// alone. Who has which code never leaves this page but on paper and in the file.
import { Problem, picture, save, showGroups } from './page.js'

export async function credentials(part, helper) {
  const model = await part.model()
  if (model.done) return part.show('done')
  let made
  const kept = new Set() // 'printed', 'saved': nothing is sent before, since nobody could vote with codes that are nowhere
  const keep = how => {
    kept.add(how)
    part.say('kept_said', [...kept].map(one => part.text(`kept_${one}`)).join(' '))
  }
  part.at('make_about').textContent = part.text('make_about', model.roll.length)
  part.actions.make = async () => {
    part.show('working')
    const tell = (done, all) => { part.at('progress').value = done / all }
    made = await helper.ask('codes', { group: model.group, uuid: model.uuid, count: model.roll.length }, tell)
    showSlips(part, model, made.codes)
    part.at('slips').hidden = false
    part.show('keep')
  }
  part.actions.print = () => {
    window.print()
    if (part.step === 'keep') keep('printed')
  }
  part.actions.save = button => {
    const rows = model.roll.map((voter, at) => [voter.number, voter.name, made.codes[at]])
    const lines = [[model.poll.title, model.poll.number], ...rows].map(row => row.join('\t'))
    save(`${button.dataset.name}-${model.poll.number}.txt`, [...lines, ''].join('\r\n'))
    keep('saved')
  }
  part.actions.submit_keep = async () => {
    if (!kept.size) throw new Problem('kept_none')
    if (!document.getElementById('vote-kept').checked) throw new Problem('kept')
    await part.post({ codes: JSON.stringify(made.list) })
    part.at('print_again').hidden = false
    part.show('done')
  }
  // leaving with codes that were made and are nowhere
  window.addEventListener('beforeunload', event => {
    if (part.step === 'keep') event.preventDefault()
  })
  part.show('make')
}

function showSlips(part, model, codes) {
  part.at('slips').replaceChildren(...model.roll.map((voter, at) => {
    const slip = part.template('slip')
    const say = (name, text) => { slip.querySelector(`[data-at="${name}"]`).textContent = text }
    say('title', model.poll.title)
    say('number', model.poll.number)
    say('name', voter.name)
    say('place_on_roll', voter.number)
    showGroups(slip.querySelector('[data-at="code"]'), codes[at])
    say('address', model.booth_address)
    picture(slip.querySelector('[data-at="picture"]'), `${model.booth_address}#${codes[at]}`)
    return slip
  }))
}
