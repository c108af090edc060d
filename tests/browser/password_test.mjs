// A page that wants a user name and a password.
import assert from "node:assert/strict";
import {after, afterEach, before, test} from "node:test";
import {Device, garden, launch, message, open, posts} from "./support.mjs";

let browser, device;
const right = {username: "admin", password: "secret"};

before(async () => browser = await launch());
after(() => browser.close());
afterEach(() => device.stop());

for (const [scheme, ...options] of [["Basic"], ["Digest", "--web-digest"]]) {
  test("keeps its door shut: " + scheme, async () => {
    device = await Device.start("--web-user", "admin", "--web-password", "secret", ...options);
    for (const credentials of [undefined, {...right, password: "Secret"}]) {
      const context = await browser.newContext({httpCredentials: credentials});
      const page = await context.newPage();
      const statuses = [];
      page.on("response", answer => statuses.push(answer.status()));
      await page.goto(device.url).catch(() => "Chromium shows an error page of its own");
      assert.ok(statuses.length > 0 && statuses.every(status => status == 401), `answered ${statuses}`);
      await context.close();
    }
  });

  test("is updated with the right ones: " + scheme, async () => {
    device = await Device.start("--web-user", "admin", "--web-password", "secret", ...options);
    const page = await open(browser, device, {httpCredentials: right});
    await page.getByText("garden 1.0.0").waitFor();
    await page.getByLabel("Firmware").setInputFiles(garden(2));
    await page.getByRole("button", {name: "Update Firmware"}).click();
    await message(page, "Updated: garden 2.0.0");
    assert.ok(posts(page).length >= 1);
    assert.deepEqual(page.complaints, []);
  });
}
