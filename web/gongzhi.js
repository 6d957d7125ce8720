/* gongzhi.js -- small comforts; every page works without them.
 * data-draft=KEY on a form       what is typed is kept on this device for a week and put back into empty fields
 * data-draft-done=KEY anywhere   the matter is filed: forget that draft
 * data-forget on the sign-out form   forget every draft (a phone may be shared)
 * data-copy=ID on a button       copy the text of that element; data-done is what the button says then
 * data-print on a button         print the page */
(function () {
  'use strict';
  var PREFIX = 'gongzhi.draft.', KEEP = 7 * 24 * 3600 * 1000, forgotten = false, box;
  try { box = window.localStorage; box.getItem(PREFIX); } catch (refused) { box = null; }

  function each(selector, work) { Array.prototype.forEach.call(document.querySelectorAll(selector), work); }
  function drafts() {
    var keys = [];
    for (var i = 0; box && i < box.length; i++) if (box.key(i).indexOf(PREFIX) === 0) keys.push(box.key(i));
    return keys;
  }
  function read(key) {
    try { var kept = JSON.parse(box.getItem(key)); return kept && Date.now() - kept.at < KEEP ? kept.values : null; } catch (broken) { return null; }
  }
  function typed(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && (field.tagName === 'TEXTAREA' || field.type === 'text' || field.type === 'radio');
    });
  }
  function keep(form, key) {
    if (forgotten) return;
    var values = {}, any = false;
    typed(form).forEach(function (field) {
      if (field.type === 'radio' ? !field.checked : !field.value) return;
      values[field.name] = field.value;
      if (field.type !== 'radio') any = true;
    });
    try { if (any) box.setItem(key, JSON.stringify({ at: Date.now(), values: values })); else box.removeItem(key); } catch (full) { /* no room: go on without */ }
  }
  /* only into fields the server left empty: what it sent back after an error is newer */
  function restore(form, values) {
    var put = false, chosen = {};
    typed(form).forEach(function (field) { if (field.type === 'radio' && field.checked) chosen[field.name] = true; });
    typed(form).forEach(function (field) {
      var value = values[field.name];
      if (value === undefined) return;
      if (field.type === 'radio') { if (!chosen[field.name]) field.checked = field.value === value; }
      else if (!field.value) { field.value = value; put = true; }
    });
    return put;
  }

  drafts().forEach(function (key) { if (!read(key)) box.removeItem(key); });
  if (box) {
    each('[data-draft-done]', function (place) { box.removeItem(PREFIX + place.getAttribute('data-draft-done')); });
    each('form[data-forget]', function (form) {
      form.addEventListener('submit', function () { forgotten = true; drafts().forEach(function (key) { box.removeItem(key); }); });
    });
    each('form[data-draft]', function (form) {
      var key = PREFIX + form.getAttribute('data-draft'), notice = form.querySelector('[data-draft-found]'), values = read(key), timer;
      if (values && restore(form, values) && notice) {
        notice.hidden = false;
        notice.querySelector('button').addEventListener('click', function () {
          box.removeItem(key);
          form.reset();
          notice.hidden = true;
        });
      }
      form.addEventListener('input', function () {
        clearTimeout(timer);
        timer = setTimeout(function () { keep(form, key); }, 400);
      });
      window.addEventListener('pagehide', function () { if (timer) { clearTimeout(timer); keep(form, key); } });
    });
  }

  each('[data-copy]', function (button) {
    var source = document.getElementById(button.getAttribute('data-copy'));
    if (!source || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(source.value || source.textContent).then(function () { button.textContent = button.getAttribute('data-done'); });
    });
  });
  each('[data-print]', function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });
})();
