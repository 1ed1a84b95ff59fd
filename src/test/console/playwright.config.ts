import { defineConfig } from '@playwright/test';

// CONSOLE_ENDPOINT: the engine, http://host:port. CONSOLE_OUTPUT: the folder of screenshots and reports.
const output = process.env.CONSOLE_OUTPUT ?? '../../../target/console-tests';

export default defineConfig({
  testDir: 'tests',
  outputDir: output + '/failures',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['line']],
  use: {
    baseURL: process.env.CONSOLE_ENDPOINT ?? 'http://127.0.0.1:30080',
    viewport: { width: 1360, height: 820 },
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
  },
});
