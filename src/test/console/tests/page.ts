// What all tests of the page need.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test as base } from '@playwright/test';

const OUTPUT = process.env.CONSOLE_OUTPUT ?? '../../../target/console-tests';

/** The engine's data folder, and what deletes executions as the retention does. */
export const DATA = process.env.CONSOLE_DATA ?? '';
export const CONTROL = process.env.CONSOLE_CONTROL ?? '';

/** Saves what the page looks like in light and dark, if pictures are asked for. */
export async function picture(page: Page, name: string) {
  if (!process.env.CONSOLE_PICTURES) {
    return;
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${OUTPUT}/${name}-${colorScheme}.png` });
  }
}

/** Rules whose findings may differ between light and dark. */
const OF_COLORS = ['color-contrast', 'link-in-text-block'];

/** No serious or critical finding, in light and in dark. */
export async function accessible(page: Page) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // legacy: within the page, which has no frames of others, instead of a second page
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    const found = (await (colorScheme === 'dark' ? axe.withRules(OF_COLORS) : axe).analyze()).violations.filter(each => each.impact === 'serious' || each.impact === 'critical');
    expect(found.map(each => `${colorScheme}: ${each.id}: ${each.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(' ')}`)).toEqual([]);
  }
}

/** Each field, link and button can be reached by the Tab key alone, and shows that it has the focus. */
export async function reachable(page: Page, within = 'body') {
  const count = await page.evaluate(selector => {
    const all = [...document.querySelector(selector)!.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
    const wanted = all.filter(each => each.tabIndex >= 0 && !(each as HTMLButtonElement).disabled && each.checkVisibility({ visibilityProperty: true }));
    const left = ((window as any).left = new Set(wanted));
    document.addEventListener('focusin', event => {
      const shown = getComputedStyle(event.target as HTMLElement);
      if (shown.outlineStyle !== 'none' && parseFloat(shown.outlineWidth) > 0) {
        left.delete(event.target as HTMLElement);
      }
    });
    return wanted.length;
  }, within);
  for (let i = 0; i < count + 10; i++) {
    await page.keyboard.press('Tab');
  }
  expect(await page.evaluate(() => [...(window as any).left].map(each => each.outerHTML.slice(0, 150)))).toEqual([]);
}

/** How much slower this machine is now than one that does nothing else: at least 1. */
export async function slowness(page: Page): Promise<number> {
  const millis = await page.evaluate(() => {
    const begin = performance.now();
    let sum = 0;
    for (let i = 0; i < 3e7; i++) {
      sum = (sum * 31 + i) | 0;
    }
    return performance.now() - begin + (sum === 0.5 ? 1 : 0);
  });
  return Math.max(1, millis / 40);
}

export const row = (page: Page, name: string) => page.getByRole('treeitem').filter({ hasText: new RegExp(`^${name}`) });
export const phase = (page: Page) => page.locator('.title .badge');

/** Nothing comes from elsewhere, and nothing is refused by the page's own policy. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const own = new URL(process.env.CONSOLE_ENDPOINT ?? 'http://127.0.0.1:30080').host;
    page.on('request', request => expect(new URL(request.url()).host).toBe(own));
    page.on('console', message => expect(message.text()).not.toContain('Content Security Policy'));
    await use(page);
  },
});
