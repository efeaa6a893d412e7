'use strict';
(() => {
  const find = id => document.getElementById(id);
  const [main, log, working, compose, text, tenant] = ['conversation', 'log', 'working', 'compose', 'text', 'tenant'].map(find);
  let session = '';
  let last = Promise.resolve();
  let underWay = 0;

  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

  const add = (content, names, who) => {
    const item = document.createElement('li');
    item.className = names;
    const speaker = document.createElement('span');
    speaker.className = 'unseen';
    speaker.textContent = `${who}: `;
    item.append(speaker, content);
    log.append(item);
    main.scrollTop = main.scrollHeight;
    return item;
  };
  const bubble = (...content) => {
    const element = document.createElement('div');
    element.className = 'bubble';
    element.append(...content);
    return element;
  };
  const say = (words, names, who) => add(Cards.markdown(words, bubble()), names, who);
  const fail = (title, words, again) => {
    const strong = document.createElement('strong');
    strong.textContent = title;
    const content = bubble(strong, Cards.markdown(words, document.createElement('div')));
    if (again) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Try again';
      button.addEventListener('click', () => { button.disabled = true; again(); });
      content.append(button);
    }
    add(content, 'failed', 'Problem');
  };
  const raw = payload => {
    const details = document.createElement('details');
    const summary = document.createElement('summary');
    const body = document.createElement('pre');
    summary.textContent = 'Activity';
    body.textContent = JSON.stringify(payload, null, 2);
    details.append(summary, body);
    details.open = true;
    add(bubble(details), 'wide', 'Bot');
  };

  const show = message => {
    const payload = message?.payload;
    switch (message?.kind) {
      case 'adaptive-card': add(Cards.show(payload, (data, title) => { say(title, 'own', 'You'); send(data); }), 'wide', 'Bot'); break;
      case 'text': say(payload.text, '', 'Bot'); break;
      default:
        if (payload?.metadata?.error_kind) fail('The flow failed', String(payload.metadata.error_message ?? payload.metadata.error_kind));
        else if (payload !== null) raw(payload);
    }
  };

  const post = async payload => {
    const asked = session;
    const context = { env: main.dataset.environment, tenant: tenant.value, tenant_id: tenant.value, session_id: asked, attempt: 0 };
    const response = await fetch(main.dataset.invoke, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ version: '1.0.0', tenant: context, worker_id: 'webchat', session_id: asked, correlation_id: random(), payload }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const answer = await response.json();
    // A flow's last reply may come twice; it is said once.
    const messages = (answer.messages ?? []).filter((message, index, all) => index === 0 || JSON.stringify(message) !== JSON.stringify(all[index - 1]));
    if (asked === session) messages.forEach(show);
  };

  // One after the other, in the order in which they were written.
  const send = payload => {
    const asked = session;
    underWay++;
    working.hidden = false;
    last = last.then(async () => {
      try {
        if (asked === session) await post(payload);
      } catch (error) {
        if (asked === session) fail('No answer', error instanceof TypeError ? 'The worker cannot be reached.' : String(error.message), () => send(payload));
      } finally {
        working.hidden = --underWay === 0;
        main.scrollTop = main.scrollHeight;
      }
    });
  };

  const begin = () => {
    session = random();
    log.replaceChildren();
    send({});
    text.focus();
  };

  const grow = () => { text.style.height = 'auto'; text.style.height = `${text.scrollHeight + 2}px`; };
  text.addEventListener('input', grow);
  text.addEventListener('keydown', event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      compose.requestSubmit();
    }
  });
  compose.addEventListener('submit', event => {
    event.preventDefault();
    const words = text.value.trim();
    if (words === '') return;
    say(words, 'own', 'You');
    text.value = '';
    grow();
    send({ text: words });
    text.focus();
  });
  find('again').addEventListener('click', begin);
  tenant.addEventListener('change', begin);
  begin();
})();
