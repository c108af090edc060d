// What the page refuses before it sends anything, and what it says when the device refuses.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {after, afterEach, before, beforeEach, test} from "node:test";
import {gzipSync} from "node:zlib";
import {Device, garden, launch, message, open, picture, posts} from "./support.mjs";

let browser, device, page;

before(async () => browser = await launch());
after(() => browser.close());
beforeEach(async () => {
  device = await Device.start();
  page = await open(browser, device);
  await page.getByText("garden 1.0.0").waitFor();
});
afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  await device.stop();
});

const file = (name, buffer) => ({name, mimeType: "application/octet-stream", buffer});
const image = () => readFileSync(garden(2));

// Chooses a file, asks for it to be sent all the same, and expects that it is not.
async function refuses(label, chosen, title, text) {
  await page.getByLabel(label).setInputFiles(chosen);
  await message(page, title);
  await page.getByRole("button", {name: "Update " + label}).click();
  await message(page, title);
  assert.match(await page.locator("#text").textContent(), text);
  assert.equal(posts(page).length, 0);
}

async function fails(label, chosen, title, text) {
  await page.getByLabel(label).setInputFiles(chosen);
  await page.getByRole("button", {name: "Update " + label}).click();
  await message(page, title);
  assert.match(await page.locator("#text").textContent(), text);
  assert.equal(posts(page).length, 1);
}

test("a file that is no image", async () => {
  await refuses("Firmware", file("sketch.elf", Buffer.from("\x7FELF...")), "This is no firmware image", /E9/);
  await picture(page, "refused-no-image");
});

test("a gzip of a file that is no image", () =>
  refuses("Firmware", file("sketch.bin.gz", gzipSync("\x7FELF...")), "This is no firmware image", /E9/));

test("an empty file", () => refuses("Firmware", file("a.bin", Buffer.alloc(0)), "The file is empty", /again/));

test("a sketch that is too large", async () => {
  const large = Buffer.concat([image(), Buffer.alloc(3 << 20)]);
  await refuses("Firmware", file("large.bin", large), "Too large for this device",
    /has 3,\d{3},\d{3}\sbytes, [\d,]+\sbytes fit/);
  await picture(page, "refused-too-large");
});

test("a gzip that is too large unpacked", () => {
  const large = gzipSync(Buffer.concat([image(), Buffer.alloc(3 << 20)]));
  return refuses("Firmware", file("large.bin.gz", large), "Too large for this device", /unpacks to/);
});

test("a filesystem that is too large", () =>
  refuses("FileSystem", file("fs.bin", Buffer.alloc(2 << 20)), "Too large for this device", /layout/));

test("an image for a larger chip", () => {
  const other = image();
  other[3] = other[3] & 0x0F | 0x90; // 16 MiB
  return refuses("Firmware", file("other.bin", other), "Built for a larger flash chip", /16\.0\sMiB.*4\.0\sMiB/);
});

test("what the device alone can know", async () => {
  const damaged = image();
  damaged[damaged.length - 100] ^= 0xFF;
  await fails("Firmware", file("damaged.bin", damaged), "ERROR\\[18\\]", /damaged.*runs on as before/);
  await picture(page, "device-error");
  await page.getByLabel("Firmware").setInputFiles(garden(2));
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "Updated: garden 2.0.0");
});

test("a device that goes away while it is sent to", async () => {
  await page.route("**/update", (route, request) => request.method() == "POST" ? route.abort() : route.continue());
  await fails("Firmware", garden(2), "The connection broke", /Send it again\. The device runs on as before/);
});

test("a gzip is fine", async () => {
  await page.getByLabel("Firmware").setInputFiles(file("garden.bin.gz", gzipSync(image())));
  await message(page, "garden 2.0.0 is ready");
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "Updated: garden 2.0.0");
});

test("the same firmware again is told as such", async () => {
  await page.getByLabel("Firmware").setInputFiles(garden(1));
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "The same as before: garden 1.0.0");
  await picture(page, "same-as-before");
});

test("a device that tells nothing afterwards", async () => {
  await page.getByLabel("Firmware").setInputFiles(garden(2));
  await page.route("**/info", route => route.fulfill({status: 200, contentType: "text/html", body: "<html>"}));
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "Updated: firmware of unknown version");
  const facts = await page.locator("#facts").textContent();
  assert.match(facts, /^Sketch–Free for an update–Filesystem–Running for–$/);
});

test("a device that is away for a while", async () => {
  await page.getByLabel("Firmware").setInputFiles(garden(2));
  await page.clock.install();
  await page.route("**/info", route => route.abort());
  await page.getByRole("button", {name: "Update Firmware"}).click();
  await message(page, "Sent");
  for (let seconds = 0; seconds < 65; seconds += 1) await page.clock.runFor(1000);
  await message(page, "The device is not back yet");
  await picture(page, "not-back");
  await page.unroute("**/info");
  await page.clock.runFor(2000);
  await message(page, "Updated: garden 2.0.0");
});
