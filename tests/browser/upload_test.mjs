// Updates through the page: by click, by drag and drop, by keyboard, without JavaScript.
import assert from "node:assert/strict";
import {randomBytes} from "node:crypto";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, afterEach, before, beforeEach, test} from "node:test";
import {Device, drop, garden, launch, message, open, picture, posts} from "./support.mjs";

let browser, device;

before(async () => browser = await launch());
after(() => browser.close());
beforeEach(async () => device = await Device.start("--timing", "real", "--window", "5840"));
afterEach(() => device.stop());

// The values that the bar takes until it goes.
async function watchBar(page) {
  return page.evaluate(() => new Promise(done => {
    const values = [];
    const look = () => {
      const bar = document.querySelector("progress");
      if (bar.value != values[values.length - 1]) values.push(bar.value);
      if (bar.offsetParent) requestAnimationFrame(look);
      else done(values);
    };
    look();
  }));
}

function assertMoves(values, least) {
  assert.ok(values.length >= least, `the bar took only the values ${values}`);
  assert.deepEqual(values, [...values].sort((a, b) => a - b), "the bar went back");
  assert.equal(values.at(-1), 100);
}

async function runs(page, version) {
  await message(page, "Updated: garden " + version);
  assert.equal(await page.locator("h1").textContent(), "garden " + version);
  await device.says(new RegExp(`running garden ${version}`));
}

test("by click, with a bar that moves", async () => {
  const page = await open(browser, device);
  await page.getByText("garden 1.0.0").waitFor();
  await page.getByLabel("Firmware").setInputFiles(garden(2));
  await message(page, "garden 2.0.0 is ready");
  await picture(page, "click-ready");
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "Sending garden 2.0.0");
  const bar = watchBar(page);
  await page.locator("#figures", {hasText: "left"}).waitFor();
  await picture(page, "click-sending");
  assertMoves(await bar, 4);
  await runs(page, "2.0.0");
  const text = await page.locator("#text").textContent();
  assert.match(text, /^Before: garden 1\.0\.0\. The device was back after \d+\ss\.$/);
  await picture(page, "click-updated");
  assert.equal(posts(page).length, 1);
  assert.deepEqual(page.complaints, []);
});

test("by drag and drop onto the page, on a phone in the dark", async () => {
  const page = await open(browser, device, {viewport: {width: 390, height: 844}, colorScheme: "dark"});
  await page.getByText("garden 1.0.0").waitFor();
  await drop(page, "h1", garden(2));
  await message(page, "garden 2.0.0 is ready");
  await picture(page, "drop-ready");
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await page.locator("#figures", {hasText: "left"}).waitFor();
  await picture(page, "drop-sending");
  await runs(page, "2.0.0");
  await picture(page, "drop-updated");
  assert.deepEqual(page.complaints, []);
});

test("of the filesystem, dropped where it belongs", async () => {
  const page = await open(browser, device), image = join(device.folder, "littlefs.bin");
  writeFileSync(image, randomBytes(1000 << 10));
  await page.getByText("garden 1.0.0").waitFor();
  await drop(page, "#filesystem", image);
  await message(page, "littlefs.bin is ready");
  await page.getByRole("button", {name: "Update FileSystem"}).click();
  await message(page, "Sending littlefs.bin");
  const bar = watchBar(page);
  await page.locator("#figures", {hasText: "/s, "}).waitFor();
  await picture(page, "filesystem-sending");
  assertMoves(await bar, 10);
  await message(page, "Filesystem updated");
  await picture(page, "filesystem-updated");
  assert.deepEqual(page.complaints, []);
});

test("with the keyboard alone", async () => {
  const page = await open(browser, device);
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "sketch");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(garden(2));
  await message(page, "garden 2.0.0 is ready");
  await page.keyboard.press("Tab");
  await picture(page, "keyboard-focus");
  await page.keyboard.press("Enter");
  await message(page, "Sending garden 2.0.0");
  assert.equal(await page.evaluate(() => document.activeElement.id), "cancel");
  await device.says(/uploaded by/);
  await page.keyboard.press("Enter");
  await message(page, "Cancelled");
  await picture(page, "keyboard-cancelled");
  assert.equal(await page.evaluate(() => document.activeElement.value), "Update Firmware");
  await device.says(/update failed/);
  await page.keyboard.press("Enter");
  await runs(page, "2.0.0");
  assert.equal(posts(page).length, 2);
  assert.deepEqual(page.complaints, []);
});

test("without JavaScript", async () => {
  const page = await open(browser, device, {javaScriptEnabled: false});
  await picture(page, "plain-page");
  await page.getByLabel("Firmware").setInputFiles(garden(2));
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await page.getByText("Update Success! Rebooting...").waitFor();
  await picture(page, "plain-success");
  await device.says(/running garden 2\.0\.0/);
});

test("without JavaScript, of no image", async () => {
  const page = await open(browser, device, {javaScriptEnabled: false});
  await page.getByLabel("Firmware").setInputFiles({name: "a.bin", mimeType: "", buffer: Buffer.from("no image")});
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await page.getByText("Update error: ERROR[10]: Magic byte is not 0xE9").waitFor();
  await picture(page, "plain-error");
});
