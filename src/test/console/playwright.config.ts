import { defineConfig } from '@playwright/test';

// CONSOLE_ENDPOINT: the engine, http://host:port. CONSOLE_OUTPUT: the folder of screenshots and reports.
const output = process.env.CONSOLE_OUTPUT ?? '../../../target/console-tests';

export default defineConfig({
  testDir: 'tests',
  outputDir: output + '/failures',
  workers: 1,
  // bounds for hangs: a machine may be slow, and busy with other tests
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.CONSOLE_ENDPOINT ?? 'http://127.0.0.1:30080',
    viewport: { width: 1360, height: 820 },
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
});
