// New firmware that must confirm itself: the page tells that it is on trial, and that it was taken back.
import assert from "node:assert/strict";
import {after, afterEach, before, beforeEach, test} from "node:test";
import {Device, garden, launch, message, open, picture} from "./support.mjs";

let browser, device, page;

before(async () => browser = await launch());
after(() => browser.close());
beforeEach(async () => {
  device = await Device.start("--no-confirm");
  page = await open(browser, device);
  await page.getByText("garden 1.0.0").waitFor();
  await page.getByLabel("Firmware").setInputFiles(garden(2));
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "garden 2.0.0 runs");
  assert.match(await page.locator("#text").textContent(), /on trial/);
});
afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  await device.stop();
});

test("it confirms nothing", async () => {
  await message(page, "Updated: garden 2.0.0");
  assert.match(await page.locator("#text").textContent(), /on trial: unless it confirms itself/);
  await picture(page, "on-trial");
});

test("it is taken back", async () => {
  while (!device.output.includes("taken back")) await device.reset();
  await message(page, "It still runs garden 1.0.0");
  await picture(page, "taken-back");
});
