import { expect } from '@playwright/test';
import { anyName, chain, DOMAIN, gated, inputsOf, launch, launchMap, LIST, open, PROJECT, register, registerMap, registerScheduled, registerTask, runTask, signal, untilPhase } from './engine';
import { INPUTS, TYPES } from './literals';
import { accessible, CONTROL, phase, picture, reachable, row, test } from './page';

test.beforeAll(async ({ request }) => {
  await register(request, 'console.gated', gated);
  await register(request, 'console.chain', chain(5));
});

test('the addresses that clients print lead to pages', async ({ page, request }) => {
  const name = await launch(request, 'console.chain');
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Executions' })).toBeVisible();
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/executions/${name}/nodeId/n0/nodes`);
  await expect(page).toHaveURL(new RegExp(`/executions/${name}\\?node=n0`));
  for (const kind of ['workflow', 'launch_plan']) {
    await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/${kind}/console.chain/version/v1`);
    await expect(page.getByRole('heading', { name: 'console.chain' })).toBeVisible();
    await expect(page.getByRole('cell', { name: 'int', exact: true }).first()).toBeVisible();
  }
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/task/console.echo/version/v1`);
  await expect(page.getByText('echo', { exact: true })).toBeVisible();
  await page.goto(`/console/projects/${PROJECT}/executions?domain=${DOMAIN}`);
  await expect(page).toHaveURL(new RegExp(LIST));
});

test('the list is live, and what it searches is in its address', async ({ page, request }) => {
  await page.goto(LIST);
  await expect(page.locator('table.list, .empty')).toBeVisible();
  const name = await launch(request, 'console.gated');
  const link = page.getByRole('link', { name, exact: true });
  await expect(link).toBeVisible();
  await expect(page.getByRole('row').filter({ has: link }).getByRole('img', { name: 'running' })).toBeVisible();
  await page.getByRole('button', { name: 'running' }).click();
  await expect(page).toHaveURL(/phase=running/);
  await page.keyboard.press('Escape');
  await page.getByPlaceholder('Search by name').fill(name);
  await expect(page).toHaveURL(new RegExp(`q=${name}`));
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await signal(request, name, 'go-on', true);
  await expect(page.getByText('No execution fits.')).toBeVisible();
  await page.goto(LIST);
  await expect(link).toBeVisible();
  await picture(page, 'executions');
  await accessible(page);
});

test('executions are found by label and by the value of an input, and failed ones go first', async ({ page, request }) => {
  const team = anyName();
  const size = Math.floor(Math.random() * 1e9);
  const one = await launch(request, 'console.gated', anyName(), { labels: { team } });
  const other = await launch(request, 'console.gated', anyName(), { x: size });
  await signal(request, one, 'go-on', false);
  await untilPhase(request, one, 'FAILED');
  const rows = page.locator('tbody tr');
  await page.goto(LIST);
  await page.getByPlaceholder('Label').fill(`team=${team}`);
  await expect(page).toHaveURL(/label=team/);
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole('link', { name: one, exact: true })).toBeVisible();
  await page.getByPlaceholder('Label').fill('');
  await page.getByPlaceholder('Input').fill(`x=${size}`);
  await expect(page.getByText(/^1 of (all|the newest) [\d,]+ executions have this input\.$/)).toBeVisible();
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole('link', { name: other, exact: true })).toBeVisible();
  await picture(page, 'search');
  await accessible(page);
  await page.getByPlaceholder('Input').fill('');
  await expect(rows.first().getByRole('link', { name: other, exact: true })).toBeVisible();
  await page.getByLabel('failed first').check();
  await expect(rows.first().getByRole('link', { name: one, exact: true })).toBeVisible();
  await expect(rows.first()).toContainText('go-on');
  await signal(request, other, 'go-on', true);
});

test('a task that waits for a slot names its place and those that hold the slots', async ({ page, request }) => {
  const name = await launch(request, 'console.gated');
  await page.route('**/why?**', route =>
    route.fulfill({
      json: {
        seq: 3,
        reasons: [
          {
            kind: 'slot',
            text: 'It waits for a slot: number 3 of 7 in the queue; 21 tasks hold the slots.',
            count: 21,
            nodes: [],
            holders: [
              { project: PROJECT, domain: DOMAIN, name: 'training', node: 'n0', machine: '' },
              { project: PROJECT, domain: DOMAIN, name: 'report', node: 'n1/1/n2', machine: 'http://10.0.0.7:30080' },
            ],
          },
        ],
      },
    }),
  );
  await open(page, name, '?node=gate');
  const holders = page.getByRole('list', { name: 'Who holds the slots' });
  await expect(page.getByText('number 3 of 7 in the queue')).toBeVisible();
  await expect(holders.getByRole('link', { name: 'training' })).toHaveAttribute('href', `${LIST}/training?node=n0`);
  await expect(holders).toContainText('node n1/1/n2 at 10.0.0.7:30080');
  await expect(holders).toContainText('and 19 more');
  await picture(page, 'slots');
  await accessible(page);
});

test('an execution is shown as it runs; its gate says why it waits, and is approved in its place', async ({ page, request }) => {
  const name = await launch(request, 'console.gated');
  await open(page, name);
  await expect(row(page, 'gate').getByRole('img', { name: 'waiting' })).toBeVisible();
  await expect(row(page, 'after').getByRole('img', { name: 'not run' })).toBeVisible();
  await row(page, 'after').click();
  await expect(page.getByText('It waits for a node before it.')).toBeVisible();
  await page.locator('.why').getByRole('button', { name: 'gate' }).click();
  await expect(page.getByText('It waits for somebody to approve it.')).toBeVisible();
  await picture(page, 'gate');
  await accessible(page);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(phase(page)).toHaveText('succeeded');
  await expect(row(page, 'after').getByRole('img', { name: 'succeeded' })).toBeVisible();
  await page.getByRole('tablist', { name: 'Node' }).getByRole('tab', { name: 'Inputs & outputs' }).click();
  await expect(page.locator('.panel .v-number').first()).toHaveText('7');
});

test('a rejected gate shows its error on top', async ({ page, request }) => {
  const name = await launch(request, 'console.gated');
  await open(page, name, '?node=gate');
  await page.getByRole('button', { name: 'Reject' }).click();
  await expect(phase(page)).toHaveText('failed');
  await expect(page.locator('.execution-head').getByRole('alert')).toContainText('go-on');
  await expect(page.locator('.execution-head').getByRole('button', { name: 'gate' })).toBeVisible();
  await picture(page, 'failed');
  await accessible(page);
});

test('a page that was offline is right when it is back', async ({ page, context, request }) => {
  const name = await launch(request, 'console.gated');
  await open(page, name);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await expect(phase(page)).toHaveText('waiting');
  await context.setOffline(true);
  await expect(page.getByText('reconnecting')).toBeVisible();
  await signal(request, name, 'go-on', true);
  await untilPhase(request, name, 'SUCCEEDED');
  await expect(phase(page)).toHaveText('waiting');
  await context.setOffline(false);
  await expect(phase(page)).toHaveText('succeeded');
  await expect(row(page, 'after').getByRole('img', { name: 'succeeded' })).toBeVisible();
});

test('an execution is terminated with a cause, and recovered', async ({ page, request }) => {
  const name = await launch(request, 'console.gated');
  await open(page, name);
  await page.getByRole('button', { name: 'Terminate' }).click();
  await page.getByLabel('Why?').fill('not needed');
  await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
  await expect(phase(page)).toHaveText('aborted');
  await expect(page.locator('.execution-head').getByRole('alert')).toContainText('not needed');
  await page.getByRole('button', { name: 'Recover' }).click();
  await expect(page).not.toHaveURL(new RegExp(name));
  await expect(row(page, 'before').getByRole('img', { name: 'recovered' })).toBeVisible();
});

test('a launch form refuses what does not fit, and launches', async ({ page }) => {
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/launch_plan/console.chain/version/v1`);
  await page.getByRole('button', { name: 'Launch…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('x int required').fill('seven');
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(dialog.getByText('Expected a whole number.')).toBeVisible();
  await picture(page, 'launch');
  await accessible(page);
  await dialog.getByLabel('x int required').fill('7');
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(phase(page)).toHaveText('succeeded');
});

const LAYER = {
  type: 'object',
  title: 'Layer',
  required: ['size'],
  additionalProperties: false,
  properties: { size: { type: 'integer' }, name: { type: 'string', default: 'hidden' } },
};

/** The type of a dataclass, as flytekit 1.16 writes it. */
const SETTINGS = {
  simple: 'STRUCT',
  annotation: { annotations: { 'cache-key-metadata': { 'serialization-format': 'msgpack' } } },
  metadata: {
    type: 'object',
    title: 'Settings',
    required: ['rate', 'colour', 'layers', 'first'],
    properties: {
      rate: { type: 'number' },
      colour: { enum: ['red', 'blue'] },
      layers: { type: 'array', items: LAYER },
      first: LAYER,
      best: { anyOf: [LAYER, { type: 'null' }], default: null },
      weights: { type: 'object', additionalProperties: { type: 'number' }, propertyNames: { type: 'string' } },
      took: { type: 'number', format: 'time-delta', default: 5 },
      either: { anyOf: [{ type: 'integer' }, { type: 'string' }], default: 3 },
      flag: { type: 'boolean', default: true },
    },
  },
};

test('a launch form has fields for dataclasses, unions, lists and dicts, and uploads files', async ({ page, request }) => {
  await registerTask(request, 'console.typed', {
    settings: SETTINGS,
    either: { unionType: { variants: [{ simple: 'INTEGER', structure: { tag: 'int' } }, { simple: 'STRING', structure: { tag: 'str' } }, { simple: 'NONE', structure: { tag: 'none' } }] } },
    names: { collectionType: { simple: 'STRING' } },
    counts: { mapValueType: { simple: 'INTEGER' } },
    data: { blob: { dimensionality: 'SINGLE' } },
  });
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/task/console.typed/version/v1`);
  await page.getByRole('button', { name: 'Run the task…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('rate float required').fill('fast');
  await dialog.getByLabel('colour one of red, blue required').selectOption('blue');
  await dialog.getByLabel('size int required').fill('8');
  await dialog.getByRole('button', { name: 'Add an item to settings.layers' }).click();
  await dialog.getByLabel('size int required').first().fill('16');
  await dialog.getByRole('button', { name: 'Set weights' }).click();
  await dialog.getByRole('button', { name: 'Add an entry to settings.weights' }).click();
  await dialog.getByLabel('key').fill('bias');
  await dialog.getByRole('group', { name: 'weights dict[str, float]' }).getByLabel('value', { exact: true }).fill('0.25');
  await dialog.getByLabel('Type of settings.either').selectOption('str');
  await dialog.getByRole('group', { name: 'either int | str', exact: true }).getByLabel('value', { exact: true }).fill('text');
  await dialog.getByLabel('Type of either').selectOption('int');
  await dialog.getByRole('group', { name: 'either int | str | None required' }).getByLabel('value', { exact: true }).fill('9007199254740993');
  await dialog.getByRole('button', { name: 'Add an item to names' }).click();
  await dialog.getByLabel('[0]').last().fill('\u05e9\u05dc\u05d5\u05dd');
  await dialog.getByRole('button', { name: 'Type counts as JSON' }).click();
  await dialog.getByLabel('counts dict[str, int] required').fill('{"a": 1, "b": 2}');
  await dialog.getByLabel('Upload a file for data').setInputFiles({ name: 'some data.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') });
  await expect(dialog.getByText('some data.csv is uploaded')).toBeVisible();
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(dialog.getByText('Expected a number.')).toBeVisible();
  await picture(page, 'launch-types');
  await accessible(page);
  await dialog.getByLabel('rate float required').fill('0.5');
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(phase(page)).toHaveText('succeeded');

  const name = new URL(page.url()).pathname.split('/').at(-1)!;
  const { fullInputs } = await (await request.get(`/api/v1/data/executions/${PROJECT}/${DOMAIN}/${name}`)).json();
  expect(fullInputs.literals.either.scalar.union.value.scalar.primitive.integer).toBe('9007199254740993');
  expect(fullInputs.literals.settings.scalar.binary.tag).toBe('msgpack');
  const uploaded = fullInputs.literals.data.scalar.blob.uri;
  expect(uploaded).toMatch(/\/uploads\/flytesnacks\/development\/[0-9a-f-]+\/some data\.csv$/);

  await page.getByRole('tab', { name: 'Inputs & outputs' }).click();
  const values = page.locator('.whole .values').first();
  for (const text of ['rate', '0.5', 'blue', '16', 'hidden', 'bias', '0.25', 'text', '\u05e9\u05dc\u05d5\u05dd', 'some data.csv']) {
    await expect(values).toContainText(text);
  }
  await page.getByRole('button', { name: 'Change inputs…' }).click();
  await expect(dialog.getByLabel('rate float required')).toHaveValue('0.5');
  await expect(dialog.getByLabel('Type of settings.either')).toContainText('str');
  await dialog.getByRole('button', { name: 'Type settings as JSON' }).click();
  await expect(dialog.getByLabel('settings Settings required')).toHaveValue(/"layers": \[\s*\{\s*"size": 16/);
  await dialog.getByLabel('settings Settings required').fill('{"rate": 1}');
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(dialog.getByText('Expected Settings.')).toBeVisible();
});

test('a launch form that nobody touches sends the inputs of the execution as they were', async ({ page, request }) => {
  await registerTask(request, 'console.inputs', TYPES);
  const name = await runTask(request, 'console.inputs', INPUTS);
  const before = await inputsOf(request, name);
  expect(Object.keys(before).sort()).toEqual(Object.keys(INPUTS).sort());
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/task/console.inputs/version/v1?launch=${name}`);
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('moment datetime required')).toHaveValue('2026-11-30T12:00:00.123456Z');
  await expect(dialog.getByLabel('Type of texts')).toHaveValue('1');
  await dialog.getByRole('button', { name: 'Type longs as JSON' }).click();
  await expect(dialog.getByLabel('longs list[int] required')).toHaveValue(/1152921504606846977,/);
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(phase(page)).toHaveText('succeeded');
  const again = new URL(page.url()).pathname.split('/').at(-1)!;
  expect(again).not.toBe(name);
  expect(await inputsOf(request, again)).toEqual(before);
});

test('the elements of a map that end while the page reads them are shown as ended', async ({ page, request }) => {
  await registerMap(request, 'console.map.slow', '4s');
  const name = await launchMap(request, 'console.map.slow', [1, 2, 3]);
  let [asked, answered] = [0, 0];
  await page.route('**/elements?*', async route => {
    asked++;
    const answer = await route.fetch();
    await expect(phase(page)).toHaveText('succeeded');
    await route.fulfill({ response: answer });
    answered++;
  });
  await open(page, name, '?node=n0');
  await expect.poll(() => asked > 0 && asked === answered, { timeout: 60_000 }).toBe(true);
  await page.evaluate(() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(page.getByRole('region', { name: 'Elements' }).getByRole('row', { name: /^#\d succeeded/ })).toHaveCount(3);
});

test('a map shows how long its elements took, and the inputs, outputs and logs of each', async ({ page, request }) => {
  await registerMap(request, 'console.map', '30ms');
  const name = await launchMap(request, 'console.map', [7, 8, 9, 4242]);
  await untilPhase(request, name, 'SUCCEEDED');
  await open(page, name, '?node=n0');
  const elements = page.getByRole('region', { name: 'Elements' });
  await expect(elements.getByRole('heading', { name: '4 elements' })).toBeVisible();
  await expect(elements.getByRole('table', { name: /How long they ran/ })).toBeVisible();
  const counted = await elements.getByRole('table', { name: /How long they ran/ }).locator('tbody td:nth-child(2)').allInnerTexts();
  expect(counted.map(Number).reduce((sum, each) => sum + each)).toBe(4);
  await elements.getByRole('button', { name: '#3' }).click();
  const element = elements.getByRole('region', { name: 'Element 3' });
  await expect(element).toContainText('succeeded after');
  await expect(element.locator('.values').nth(0)).toHaveText(/x\s*4242/);
  await expect(element.locator('.values').nth(1)).toHaveText(/x\s*4242/);
  await picture(page, 'map');
  await accessible(page);
});

test('an execution is run again, and only what differs is computed', async ({ page, request }) => {
  const name = await launch(request, 'console.chain');
  await untilPhase(request, name, 'SUCCEEDED');
  await open(page, name);
  await page.getByRole('button', { name: 'Change inputs…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('x int required')).toHaveValue('7');
  await dialog.getByLabel(`differ from ${name}`).check();
  await picture(page, 'recompute');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Launch' }).click();
  await expect(page).toHaveURL(new RegExp(`${LIST}/(?!${name})`));
  await expect(phase(page)).toHaveText('succeeded');
  await expect(row(page, 'n0').getByRole('img', { name: 'recovered' })).toBeVisible();
});

test('an execution is used by keyboard alone', async ({ page, request }) => {
  const name = await launch(request, 'console.chain');
  await untilPhase(request, name, 'SUCCEEDED');
  await page.goto(LIST);
  await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('treeitem').first()).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.getByRole('complementary', { name: 'Node n0' })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.getByRole('complementary', { name: 'Node n1' })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('n4');
  await expect(page.getByRole('treeitem')).toHaveCount(1);
  await page.locator('body').press('Escape');
  await page.getByRole('tree').focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
});

test('every page can be used by keyboard alone, and by people who see or hear it differently', async ({ page, request }) => {
  const [name, other] = [await launch(request, 'console.chain'), await launch(request, 'console.chain')];
  await untilPhase(request, name, 'SUCCEEDED');
  await untilPhase(request, other, 'SUCCEEDED');
  const inside = `/console/projects/${PROJECT}/domains/${DOMAIN}`;
  // what is examined for other people in no other test
  const further: [string, string][] = [
    ...['workflow', 'launch_plan'].flatMap((kind): [string, string][] => [
      [`${inside}/${kind}/console.chain/version/v1`, '.definition .facts'],
      [`${inside}/${kind}/console.chain/version/v1?tab=versions`, 'table.list'],
    ]),
    [`${inside}/launch_plans?q=console.chain`, 'table.list a'],
    [`${inside}/tasks?q=console.echo`, 'table.list a'],
    [`${inside}/task/console.echo/version/v1`, '.definition .facts'],
    ['/console/nowhere', '.empty'],
  ];
  const pages: [string, string][] = [
    [`${LIST}?q=${name}`, `a:text-is("${name}")`],
    [`${LIST}/${name}?node=n0`, '.panel .facts'],
    [`${LIST}/${name}?tab=graph`, '.graph-node'],
    [`${LIST}/${name}?tab=data`, '.whole .values'],
    [`${LIST}/${name}?tab=replay`, 'input[type=range]'],
    [`${inside}/compare?a=${name}&b=${other}`, 'table.compare'],
    [`${inside}/workflow/console.chain/version/v1?tab=graph`, '.graph-node'],
    [`${inside}/task/console.echo/version/v1?launch=1`, 'dialog .field'],
    ['/console/engine', 'section'],
  ];
  for (const [address, there] of [...further, ...pages]) {
    await page.goto(address);
    await page.locator(there).first().waitFor();
    await reachable(page, address.endsWith('launch=1') ? 'dialog' : 'body');
    if (further.some(([each]) => each === address)) {
      await accessible(page);
    }
  }
});

test('the timeline is enlarged by keys', async ({ page, request }) => {
  await register(request, 'console.steady', chain(4), '100ms');
  const name = await launch(request, 'console.steady');
  await untilPhase(request, name, 'SUCCEEDED');
  await open(page, name, '?node=n2');
  await page.getByRole('tree').focus();
  const bar = () => page.locator('[id="node-n2"] .bar-run').evaluate(each => each.getBoundingClientRect().width);
  await expect(row(page, 'n2')).toBeVisible();
  const before = await bar();
  await page.keyboard.press('+');
  await expect.poll(bar).toBeGreaterThan(before * 1.5);
  await page.keyboard.press('0');
  await expect.poll(bar).toBe(before);
});

test('a name like markup is text', async ({ page }) => {
  await page.goto(`${LIST}/${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
  await expect(page.getByRole('alert')).toContainText('<img src=x');
});

test('an API that answers 500 is named, and the page goes on when it is back', async ({ page, request }) => {
  const name = await launch(request, 'console.chain');
  await page.route('**/console/api/v1/executions/**', route => route.fulfill({ status: 500, body: '{"message":"out of order"}' }));
  await open(page, name);
  await expect(page.getByRole('alert')).toContainText('out of order');
  await page.unroute('**/console/api/v1/executions/**');
  await expect(phase(page)).toHaveText('succeeded');
});

test('the definitions and the graph', async ({ page, request }) => {
  const name = await launch(request, 'console.gated');
  await open(page, name, '?tab=graph');
  await expect(page.locator('.graph').getByRole('button', { name: /gate/ })).toBeVisible();
  await picture(page, 'graph');
  await accessible(page);
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/workflows`);
  await expect(page.getByRole('link', { name: 'console.gated' })).toBeVisible();
  await accessible(page);
  await page.getByRole('link', { name: 'console.gated' }).click();
  await page.getByRole('tab', { name: 'Graph' }).click();
  await expect(page.locator('.graph').getByRole('button', { name: /gate/ })).toBeVisible();
  await registerScheduled(request, 'console.nightly', 'console.gated', '0 3 * * *');
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/launch_plan/console.nightly/version/v1`);
  await expect(page.getByText('0 3 * * *')).toBeVisible();
  await expect(page.getByText('This engine does not run schedules')).toBeVisible();
  await picture(page, 'schedule');
  await accessible(page);
  await page.goto('/console/engine');
  await expect(page.getByText('Executions in memory', { exact: true })).toBeVisible();
  const members = page.getByRole('region', { name: 'Members' });
  await expect(members.getByText('this node')).toBeVisible();
  await expect(members.getByRole('row')).toHaveCount(2);
  await expect(members.getByRole('row').last()).toContainText('door, engine, executor');
  await picture(page, 'engine');
  await accessible(page);
});

test('the deck of a running task shows what the task publishes, without a blank page between', async ({ page, request }) => {
  await register(request, 'console.minute', chain(1), '60s');
  const name = await launch(request, 'console.minute');
  let deck = '<h1>step 1</h1>';
  await page.route(`**/console/api/v1/executions/${PROJECT}/${DOMAIN}/${name}`, async route => {
    const columns = await (await route.fetch()).json();
    columns.nodes.flags = columns.nodes.flags.map((flags: number) => flags | 2);
    await route.fulfill({ json: columns });
  });
  await page.route('**/dataproxy/artifact_link', route => route.fulfill({ json: { preSignedUrls: { signedUrl: ['/data/deck.html?signature=s'] } } }));
  await page.route('**/data/deck.html?**', route => route.fulfill({ contentType: 'text/html', body: deck }));
  await expect
    .poll(async () => (await (await request.get(`/console/api/v1/executions/${PROJECT}/${DOMAIN}/${name}`)).json()).nodes?.path, { timeout: 60_000 })
    .toContain('n0');
  await open(page, name, '?node=n0');
  await page.getByRole('tab', { name: 'Deck' }).click();
  const frame = page.frameLocator('iframe[title=Deck]');
  await expect(frame.getByRole('heading', { name: 'step 1' })).toBeVisible();
  await page.evaluate(() => {
    (window as any).blank = 0;
    new MutationObserver(() => document.querySelector('iframe[title=Deck]') ?? (window as any).blank++).observe(document, { childList: true, subtree: true });
  });
  deck = '<h1>step 2</h1>';
  await expect(frame.getByRole('heading', { name: 'step 2' })).toBeVisible();
  await expect(page.locator('.deck iframe')).toHaveCount(1);
  expect(await page.evaluate(() => (window as any).blank)).toBe(0);
  await picture(page, 'deck');
  await accessible(page);
  await request.delete(`/api/v1/executions/${PROJECT}/${DOMAIN}/${name}`, { data: { cause: 'seen' } });
});

test('a replay goes through the journal step by step, and says whether the rows agree', async ({ page, request }) => {
  const name = await launch(request, 'console.chain');
  await untilPhase(request, name, 'SUCCEEDED');
  await open(page, name, '?tab=replay');
  await expect(page.getByText('rows and journal agree: 7 nodes')).toBeVisible();
  await expect(row(page, 'n4').getByRole('img', { name: 'succeeded' })).toBeVisible();
  await page.getByRole('slider', { name: 'Step' }).fill('0');
  await expect(row(page, 'n0').getByRole('img', { name: 'not run' })).toBeVisible();
  await page.getByRole('slider', { name: 'Step' }).press('ArrowRight');
  await expect(row(page, 'n0').getByRole('img', { name: 'not run' })).toBeHidden();
  await expect(page.getByRole('list', { name: 'Events of this step' })).toContainText('started');
  await picture(page, 'replay');
  await accessible(page);
});

test('values are followed from node to node, and two executions are compared', async ({ page, request }) => {
  const [a, b] = [await launch(request, 'console.chain'), await launch(request, 'console.gated')];
  await untilPhase(request, a, 'SUCCEEDED');
  await open(page, a, '?node=n1');
  await page.getByRole('tablist', { name: 'Node' }).getByRole('tab', { name: 'Inputs & outputs' }).click();
  const lineage = page.getByRole('region', { name: 'Lineage' });
  await expect(lineage.getByRole('button', { name: 'n0' })).toBeVisible();
  await lineage.getByRole('button', { name: 'n2' }).click();
  await expect(page.getByRole('complementary', { name: 'Node n2' })).toBeVisible();
  await page.goto(`/console/projects/${PROJECT}/domains/${DOMAIN}/compare?a=${a}&b=${b}`);
  await expect(page.getByText('8 of 8 nodes differ')).toBeVisible();
  await picture(page, 'compare');
  await accessible(page);
});

test('an execution that is deleted while it is looked at is said to be', async ({ page, request }) => {
  const name = await launch(request, 'console.chain');
  await untilPhase(request, name, 'SUCCEEDED');
  await open(page, name);
  await expect(row(page, 'n4').getByRole('img', { name: 'succeeded' })).toBeVisible();
  await fetch(`${CONTROL}/executions/${name}`, { method: 'DELETE' });
  await expect(page.getByRole('alert')).toContainText('This execution was deleted.');
  await expect(row(page, 'n4')).toBeVisible();
  await accessible(page);
  await page.getByRole('tab', { name: 'Inputs & outputs' }).click();
  await expect(page.getByRole('tabpanel').getByRole('alert')).toContainText(name);
  await page.reload();
  await expect(page.getByRole('alert')).toContainText(`there is no execution ${PROJECT}:${DOMAIN}:${name}`);
});

test('lists and definitions name an API that answers 500, and go on when it is back', async ({ page }) => {
  for (const [path, call, there] of [
    [LIST, '**/api/v1/executions/**', 'Executions'],
    [`/console/projects/${PROJECT}/domains/${DOMAIN}/workflows`, '**/api/v1/named_entities/**', 'Workflows'],
    ['/console/engine', '**/cluster', 'Engine'],
  ] as const) {
    await page.route(call, route => route.fulfill({ status: 500, body: '{"message":"out of order"}' }));
    await page.goto(path);
    await expect(page.getByRole('alert').first()).toContainText('out of order');
    await page.unroute(call);
    await page.reload();
    await expect(page.getByRole('heading', { name: there, exact: true })).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
});
