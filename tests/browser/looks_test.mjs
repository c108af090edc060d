// The page at every size and in light and dark: nothing jumps, nothing is cut off, nobody is shut out.
import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {Device, barriers, garden, launch, message, open, picture} from "./support.mjs";

let browser, device;

before(async () => {
  browser = await launch();
  device = await Device.start();
});
after(async () => {
  await browser.close();
  await device.stop();
});

const sizes = {
  desktop: {width: 1280, height: 800},
  phone: {width: 390, height: 844},
  narrow: {width: 320, height: 640}
};

const places = page => page.locator("form").evaluateAll(forms =>
  forms.map(form => form.getBoundingClientRect().top + scrollY));

for (const [name, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${name}, ${colorScheme}`, async () => {
      const page = await open(browser, device, {viewport, colorScheme});
      await page.getByText("garden 1.0.0").waitFor();
      const still = await places(page);
      await picture(page, `${name}-${colorScheme}`);
      assert.deepEqual(await barriers(page), []);

      await page.getByLabel("Firmware").setInputFiles({name: "a.txt", mimeType: "", buffer: Buffer.from("no")});
      await message(page, "This is no firmware image");
      assert.deepEqual(await places(page), still);
      assert.deepEqual(await barriers(page), []);

      await page.getByLabel("Firmware").setInputFiles({name: "a.bin", mimeType: "", buffer: Buffer.alloc(4 << 20)});
      await message(page, "Too large");
      assert.deepEqual(await places(page), still);
      await picture(page, `${name}-${colorScheme}-refused`);

      await page.getByLabel("Firmware").setInputFiles(garden(2));
      await message(page, "garden 2.0.0 is ready");
      assert.deepEqual(await places(page), still);

      await page.route("**/update", route => route.request().method() == "POST" ? undefined : route.continue());
      await page.getByRole("button", {name: "Update Firmware"}).click();
      await page.getByRole("button", {name: "Cancel"}).waitFor();
      assert.deepEqual(await places(page), still);
      await picture(page, `${name}-${colorScheme}-sending`);
      assert.deepEqual(await barriers(page), []);
      await page.getByRole("button", {name: "Cancel"}).click();
      await message(page, "Cancelled");
      assert.deepEqual(await places(page), still);

      const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= shown, `${wide} pixels wide on ${shown}`);
      const origin = new URL(device.url).origin;
      assert.deepEqual(page.requests.filter(request => !request.split(" ")[1].startsWith(origin)), []);
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }
}

test("without JavaScript", async () => {
  const page = await open(browser, device, {javaScriptEnabled: false});
  assert.equal(await page.locator("#facts").isVisible(), false);
  assert.equal(await page.locator("#meter").isVisible(), false);
  assert.deepEqual(await page.locator("form").evaluateAll(forms => forms.map(form =>
    [form.method, form.enctype, form.getAttribute("action"), form[0].name, form[0].accept, form[1].value])), [
    ["post", "multipart/form-data", null, "firmware", ".bin,.bin.gz", "Update Firmware"],
    ["post", "multipart/form-data", null, "filesystem", ".bin,.bin.gz", "Update FileSystem"]
  ]);
});
