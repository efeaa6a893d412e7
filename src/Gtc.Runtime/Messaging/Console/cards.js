// Shows adaptive cards. Texts become text nodes and never markup; addresses are followed only when they are http or https.
'use strict';
window.Cards = (() => {
  const deepest = 24;
  const make = (tag, names, ...children) => {
    const element = document.createElement(tag);
    if (names) element.className = names;
    element.append(...children.filter(child => child !== null && child !== undefined));
    return element;
  };
  const list = value => Array.isArray(value) ? value.filter(item => item && typeof item === 'object') : [];
  const words = value => value === null || value === undefined ? '' : String(value);
  const one = (value, allowed) => allowed.includes(words(value).toLowerCase()) ? words(value).toLowerCase() : '';
  const address = (text, alsoPictures) => {
    if (alsoPictures && /^data:image\/(png|jpeg|gif|webp);base64,/i.test(words(text))) return words(text);
    try {
      const url = new URL(words(text));
      return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
    } catch { return null; }
  };
  const link = (text, url) => {
    const anchor = make('a', '', text);
    Object.assign(anchor, { href: url, target: '_blank', rel: 'noopener noreferrer' });
    return anchor;
  };

  const inline = (text, into) => {
    const marks = /\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|(?<![\w])_([^_]+)_(?![\w])|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;
    let from = 0;
    for (const found of text.matchAll(marks)) {
      into.append(text.slice(from, found.index));
      const [all, bold, alsoBold, slanted, alsoSlanted, code, label, url] = found;
      if (bold || alsoBold) into.append(inline(bold || alsoBold, make('strong')));
      else if (slanted || alsoSlanted) into.append(inline(slanted || alsoSlanted, make('em')));
      else if (code) into.append(make('code', '', code));
      else into.append(address(url) ? link(label, address(url)) : all);
      from = found.index + all.length;
    }
    into.append(text.slice(from));
    return into;
  };
  const markdown = (text, into) => {
    let current = null;
    for (const line of words(text).replaceAll('\r', '').split('\n')) {
      const item = /^\s*(?:([-*+])|\d+[.)])\s+(.*)$/.exec(line);
      const kind = item ? (item[1] ? 'UL' : 'OL') : 'P';
      if (!item && line.trim() === '') { current = null; continue; }
      if (current?.tagName !== kind) into.append(current = make(kind));
      else if (!item) current.append(make('br'));
      if (item) current.append(inline(item[2], make('li')));
      else inline(line, current);
    }
    return into;
  };

  const text = block => {
    const heading = block.style === 'heading';
    const element = make('div', ['words', one(block.size, ['small', 'medium', 'large', 'extralarge']), one(block.weight, ['lighter', 'bolder']),
      one(block.color, ['accent', 'good', 'warning', 'attention']), one(block.horizontalAlignment, ['center', 'right']), one(block.fontType, ['monospace']),
      block.isSubtle ? 'subtle' : ''].join(' '));
    if (heading) { element.setAttribute('role', 'heading'); element.setAttribute('aria-level', '2'); }
    return markdown(block.text, element);
  };
  const runs = block => make('div', 'words', make('p', '', ...(Array.isArray(block.inlines) ? block.inlines : []).map(run =>
    typeof run === 'string' ? run : make('span', ['words', one(run?.weight, ['bolder', 'lighter']), one(run?.color, ['accent', 'good', 'warning', 'attention']), run?.isSubtle ? 'subtle' : ''].join(' '), words(run?.text)))));
  const picture = image => {
    const url = address(image.url, true);
    if (!url) return null;
    const element = make('img', [one(image.size, ['small', 'medium', 'large']), one(image.style, ['person'])].join(' '));
    Object.assign(element, { src: url, alt: words(image.altText), loading: 'lazy', referrerPolicy: 'no-referrer' });
    return make('div', `picture ${one(image.horizontalAlignment, ['center', 'right'])}`, element);
  };

  class Card {
    constructor(host) { this.host = host; this.inputs = []; this.named = new Map(); this.count = 0; }

    items(elements, depth) {
      const into = make('div', 'items');
      for (const element of list(elements)) {
        const shown = depth > deepest ? null : this.element(element, depth + 1);
        if (!shown) continue;
        if (element.separator === true) shown.classList.add('separated');
        if (['Large', 'ExtraLarge', 'Padding'].includes(element.spacing)) shown.classList.add('spaced');
        if (['None', 'Small'].includes(element.spacing)) shown.classList.add('tight');
        if (element.isVisible === false) shown.hidden = true;
        if (element.id) this.named.set(words(element.id), shown);
        into.append(shown);
      }
      return into;
    }

    element(element, depth) {
      switch (element.type) {
        case 'TextBlock': return text(element);
        case 'RichTextBlock': return runs(element);
        case 'Image': return picture(element);
        case 'ImageSet': return make('div', 'columns', ...list(element.images).map(image => picture({ size: element.imageSize || 'Medium', ...image })));
        case 'Container': {
          const style = one(element.style, ['good', 'warning', 'attention', 'emphasis', 'accent']);
          const shown = this.items(element.items, depth);
          shown.className += ` container ${style === 'emphasis' || style === 'accent' ? 'style' : style}`;
          return shown;
        }
        case 'ColumnSet': return make('div', 'columns', ...list(element.columns).map(column => this.column(column, depth)));
        case 'FactSet': return make('dl', 'facts', ...list(element.facts).flatMap(fact => [make('dt', '', words(fact.title)), inline(words(fact.value), make('dd'))]));
        case 'ActionSet': return this.actions(element.actions, depth);
        case 'Table': return this.table(element, depth);
        case 'Input.Text': case 'Input.Number': case 'Input.Date': case 'Input.Time': return this.line(element);
        case 'Input.ChoiceSet': return this.choices(element);
        case 'Input.Toggle': return this.toggle(element);
        default: return element.fallback && typeof element.fallback === 'object' ? this.element(element.fallback, depth + 1) : null;
      }
    }

    column(column, depth) {
      const shown = this.items(column.items, depth);
      const width = column.width;
      shown.style.flex = width === 'auto' ? '0 0 auto' : typeof width === 'string' && /^\d+px$/.test(width) ? `0 0 ${width}` : `${Number(width) > 0 ? Number(width) : 1} 1 0`;
      const place = one(column.verticalContentAlignment, ['center', 'bottom']);
      if (place) shown.classList.add(place === 'center' ? 'middle' : 'bottom');
      return shown;
    }

    table(element, depth) {
      return make('table', 'table', make('tbody', '', ...list(element.rows).map((row, index) => make('tr', '', ...list(row.cells).map(cell =>
        make(index === 0 && element.firstRowAsHeader !== false ? 'th' : 'td', '', this.items(cell.items, depth)))))));
    }

    field(element, control, labelled) {
      const id = `field-${this.host.number}-${++this.count}`;
      control.id = id;
      const problem = make('p', 'problem');
      problem.id = `${id}-problem`;
      problem.hidden = true;
      control.setAttribute('aria-describedby', problem.id);
      const needed = element.isRequired ? make('span', 'needed', ' *') : null;
      let label = labelled;
      if (!label) {
        label = make('label', element.label ? '' : 'unseen', words(element.label || element.placeholder || element.id || 'Input'), needed);
        label.htmlFor = id;
      }
      if (element.isRequired) control.setAttribute('aria-required', 'true');
      return { wrap: make('div', 'field', ...(labelled ? [labelled] : [label, control]), problem), problem };
    }

    keep(element, control, wrap, problem, read, isGood) {
      const input = {
        id: words(element.id), read,
        check: () => {
          const good = wrap.hidden || ((!element.isRequired || read() !== '') && isGood());
          problem.textContent = good ? '' : words(element.errorMessage || 'Please fill this in');
          problem.hidden = good;
          control.setAttribute('aria-invalid', good ? 'false' : 'true');
          return good;
        },
        focus: () => (control.matches('input, select, textarea') ? control : control.querySelector('input'))?.focus(),
      };
      this.inputs.push(input);
      wrap.addEventListener('input', () => { if (!problem.hidden) input.check(); });
      return wrap;
    }

    line(element) {
      const kinds = { 'Input.Number': 'number', 'Input.Date': 'date', 'Input.Time': 'time' };
      const styles = { email: 'email', url: 'url', tel: 'tel', password: 'password' };
      const control = make(element.isMultiline ? 'textarea' : 'input');
      if (element.isMultiline) control.rows = 3;
      else control.type = kinds[element.type] || styles[words(element.style).toLowerCase()] || 'text';
      if (element.type === 'Input.Number') control.step = 'any';
      for (const name of ['placeholder', 'min', 'max']) if (element[name] !== undefined) control[name] = words(element[name]);
      if (Number.isInteger(element.maxLength) && element.maxLength > 0) control.maxLength = element.maxLength;
      control.value = words(element.value);
      const { wrap, problem } = this.field(element, control);
      return this.keep(element, control, wrap, problem, () => control.value.trim() === '' ? '' : control.value, () => control.validity.valid);
    }

    choices(element) {
      const chosen = words(element.value).split(',').filter(value => value !== '');
      if (element.style !== 'expanded' && !element.isMultiSelect) {
        const control = make('select');
        control.append(new Option(words(element.placeholder || '—'), ''), ...list(element.choices).map(choice => new Option(words(choice.title), words(choice.value))));
        control.value = chosen[0] ?? '';
        const { wrap, problem } = this.field(element, control);
        return this.keep(element, control, wrap, problem, () => control.value, () => true);
      }

      const name = `choice-${this.host.number}-${this.count + 1}`;
      const group = make('fieldset', '', make('legend', element.label ? '' : 'unseen', words(element.label || element.id || 'Choice'), element.isRequired ? make('span', 'needed', ' *') : null));
      for (const choice of list(element.choices)) {
        const control = make('input');
        Object.assign(control, { type: element.isMultiSelect ? 'checkbox' : 'radio', name, value: words(choice.value), checked: chosen.includes(words(choice.value)) });
        group.append(make('label', 'choice', control, make('span', '', words(choice.title))));
      }
      const { wrap, problem } = this.field(element, group, group);
      return this.keep(element, group, wrap, problem, () => [...group.querySelectorAll(':checked')].map(control => control.value).join(','), () => true);
    }

    toggle(element) {
      const [on, off] = [words(element.valueOn ?? 'true'), words(element.valueOff ?? 'false')];
      const control = make('input');
      Object.assign(control, { type: 'checkbox', checked: words(element.value) === on });
      const label = make('label', 'choice', control, make('span', '', words(element.title)));
      const { wrap, problem } = this.field(element, control, label);
      return this.keep(element, control, wrap, problem, () => control.checked ? on : off, () => !element.isRequired || control.checked);
    }

    actions(actions, depth) {
      const bar = make('div', 'actions');
      const below = make('div', 'items');
      for (const action of list(actions)) {
        const button = make('button', { positive: 'primary', destructive: 'danger' }[words(action.style)] || '', words(action.title) || 'OK');
        button.type = 'button';
        if (action.isEnabled === false) button.disabled = true;
        if (action.tooltip) button.title = words(action.tooltip);
        if (this.arm(action, button, below, depth)) bar.append(button);
      }
      return make('div', 'items', bar, below.hasChildNodes() ? below : null);
    }

    arm(action, button, below, depth) {
      switch (action.type) {
        case 'Action.Submit': case 'Action.Execute':
          button.addEventListener('click', () => this.submit(action, button));
          return true;
        case 'Action.OpenUrl': {
          const url = address(action.url);
          if (url) button.addEventListener('click', () => window.open(url, '_blank', 'noopener,noreferrer'));
          return url !== null;
        }
        case 'Action.ShowCard': {
          if (depth > deepest || !action.card) return false;
          const shown = this.card(action.card, depth + 1);
          shown.hidden = true;
          below.append(shown);
          button.setAttribute('aria-expanded', 'false');
          button.addEventListener('click', () => { shown.hidden = !shown.hidden; button.setAttribute('aria-expanded', String(!shown.hidden)); });
          return true;
        }
        case 'Action.ToggleVisibility':
          button.addEventListener('click', () => (Array.isArray(action.targetElements) ? action.targetElements : []).forEach(target => {
            const shown = this.named.get(words(target?.elementId ?? target));
            if (shown) shown.hidden = typeof target?.isVisible === 'boolean' ? !target.isVisible : !shown.hidden;
          }));
          return true;
        default: return false;
      }
    }

    submit(action, button) {
      if (action.associatedInputs !== 'none') {
        const wrong = this.inputs.filter(input => !input.check());
        if (wrong.length > 0) { wrong[0].focus(); return; }
      }
      const given = action.associatedInputs === 'none' ? [] : this.inputs.filter(input => input.id !== '').map(input => [input.id, input.read()]);
      const from = action.data && typeof action.data === 'object' && !Array.isArray(action.data) ? action.data : action.data === undefined ? {} : { data: action.data };
      button.classList.add('pressed');
      this.host.submit({ ...from, ...Object.fromEntries(given) }, words(action.title));
    }

    card(card, depth) {
      const shown = make('div', 'card', this.items(card.body, depth));
      if (list(card.actions).length > 0) {
        const actions = this.actions(card.actions, depth);
        actions.classList.add('actions-of-card');
        shown.append(actions);
      }
      return shown;
    }
  }

  let number = 0;
  return {
    // Shows a card; submit(data, title) is called when a button of it sends something.
    show: (card, submit) => {
      const host = { number: ++number, submit };
      const shown = new Card(host).card(card, 0);
      shown.setAttribute('role', 'group');
      shown.setAttribute('aria-label', words(card.speak || card.fallbackText || 'Card').slice(0, 200));
      return shown;
    },
    markdown,
  };
})();
