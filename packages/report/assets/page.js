// @ts-check
/**
 * What a page does besides being read: charts that answer to the pointer, sortable tables, light and dark. Plain
 * script without imports; it stands in the page as it is here. Data come from one JSON block and are only ever set
 * as text.
 */
'use strict';
(() => {
  const root = document.documentElement;
  root.classList.add('scripted');

  // ---- light and dark ----------------------------------------------------------------------------------------
  const theme = /** @type {HTMLSelectElement | null} */ (document.querySelector('#theme'));
  theme?.addEventListener('change', () => {
    if (theme.value === 'auto') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });

  // ---- the box at the pointer --------------------------------------------------------------------------------
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'status');
  tip.hidden = true;
  document.body.append(tip);

  /** Vega's tooltip handler: an object with a `title` becomes a heading and a list. */
  function showTip(_handler, event, _item, value) {
    if (value === null || value === undefined || value === '') {
      tip.hidden = true;
      return;
    }
    const entries = typeof value === 'object' ? Object.entries(value) : [['', value]];
    const heading = document.createElement('strong');
    const list = document.createElement('dl');
    for (const [name, text] of entries) {
      if (name === 'title') {
        heading.textContent = String(text);
        continue;
      }
      const term = document.createElement('dt');
      const found = document.createElement('dd');
      term.textContent = name;
      found.textContent = String(text);
      list.append(term, found);
    }
    tip.replaceChildren(heading, list);
    tip.hidden = false;
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const right = event.clientX + 14;
    const below = event.clientY + 14;
    tip.style.left = `${Math.max(4, right + width > innerWidth ? event.clientX - width - 10 : right)}px`;
    tip.style.top = `${Math.max(4, below + height > innerHeight ? event.clientY - height - 10 : below)}px`;
  }

  // ---- charts ------------------------------------------------------------------------------------------------
  const block = document.querySelector('#charts');
  const specs = block ? JSON.parse(block.textContent ?? '{}') : {};
  /** @type {Map<Element, any>} */
  const views = new Map();

  /** Replaces the drawn chart by one that answers; the drawn one stays where that fails. */
  async function bring(figure) {
    const place = figure.querySelector('.chart');
    const spec = specs[figure.dataset.chart];
    if (!place || !spec || views.has(figure)) return;
    views.set(figure, undefined);
    const drawn = place.firstElementChild;
    const height = place.getBoundingClientRect().height;
    place.style.minHeight = `${height}px`;
    const living = document.createElement('div');
    living.style.width = '100%';
    drawn?.remove();
    place.append(living);
    try {
      const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
        container: living,
        expr: vega.expressionInterpreter,
        hover: true,
        renderer: 'svg',
        tooltip: showTip,
        logLevel: vega.Error,
      });
      for (const input of figure.querySelectorAll('.switch input:checked'))
        view.signal(input.name.split('.')[1], input.value);
      await view.runAsync();
      views.set(figure, view);
      // Vega names the chart; the page has named it already, with more to say.
      living.removeAttribute('role');
      living.removeAttribute('aria-roledescription');
      living.removeAttribute('aria-label');
    } catch (error) {
      if (drawn) place.replaceChildren(drawn);
      console.error(error);
    }
    place.style.minHeight = '';
    figure.dataset.ready = '';
  }

  document.addEventListener('change', async (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const figure = input.closest?.('figure[data-chart]');
    if (!figure || !input.matches('.switch input')) return;
    await bring(figure);
    await views.get(figure)?.signal(input.name.split('.')[1], input.value).runAsync();
  });

  const figures = [...document.querySelectorAll('figure[data-chart]')];
  // One after the other, when there is nothing else to do, so that the page can be read at once.
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        setTimeout(() => void bring(target));
      }
    },
    { rootMargin: '300px' },
  );
  for (const figure of figures) near.observe(figure);
  addEventListener('scroll', () => (tip.hidden = true), { passive: true });
  addEventListener('keydown', (event) => event.key === 'Escape' && (tip.hidden = true));

  // ---- tables ------------------------------------------------------------------------------------------------
  const key = (row, column) => row.cells[column]?.dataset.sort ?? row.cells[column]?.textContent ?? '';
  const order = new Intl.Collator('en', { numeric: true });

  for (const table of document.querySelectorAll('table.sortable')) {
    const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
    headings.forEach((heading, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => {
        const up = heading.getAttribute('aria-sort') !== 'ascending';
        for (const other of headings) other.removeAttribute('aria-sort');
        heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const body = table.tBodies[0];
        const rows = [...(body?.rows ?? [])].map((row) => ({ row, value: key(row, column) }));
        rows.sort((a, b) => {
          // What is missing stays at the end, whichever way.
          if (a.value === '' || b.value === '') return Number(a.value === '') - Number(b.value === '');
          const [x, y] = [Number(a.value), Number(b.value)];
          const by = Number.isNaN(x) || Number.isNaN(y) ? order.compare(a.value, b.value) : x - y;
          return up ? by : -by;
        });
        body?.append(...rows.map(({ row }) => row));
      });
    });
  }
})();
