// What the browser tests work with: a virtual device with its update page, and Chromium.
import {spawn, execFileSync} from "node:child_process";
import {mkdtempSync, mkdirSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {connect} from "node:net";
import {tmpdir} from "node:os";
import {join} from "node:path";

const require = createRequire(process.env.OTTER_BROWSER_PACKAGES + "/");
const {chromium} = require("playwright-core");
const axe = require("axe-core").source;

const build = process.env.OTTER_BUILD;
const screenshots = join(build, "screenshots");

export const garden = version => join(build, "images", `garden-${version}.bin`);

// For whatever a device or a page does by itself.
export const PATIENCE = 30000;

export class Device {
  // Starts an otter-sim that runs garden 1.0.0, and waits until it serves its page.
  static async start(...options) {
    const device = new Device();
    device.folder = mkdtempSync(join(tmpdir(), "otter-browser-"));
    device.output = "";
    device.process = spawn(join(build, "sim/otter-sim"), ["--flash", join(device.folder, "flash"),
      "--control", join(device.folder, "control"), "--port", "0", "--web-port", "0", "--image", garden(1),
      "--color", "never", ...options], {stdio: ["ignore", "pipe", "pipe"]});
    for (const stream of [device.process.stdout, device.process.stderr])
      stream.on("data", text => device.output += text);
    device.url = (await device.says(/http:\/\/[^\s,]+/))[0];
    return device;
  }

  // Waits until the console shows PATTERN.
  async says(pattern) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.process.exitCode != null || Date.now() > end)
        throw new Error(`the device does not say ${pattern}:\n${this.output}`);
      await new Promise(done => setTimeout(done, 20));
    }
  }

  // Restarts it, and waits until its firmware runs again.
  async reset() {
    const runs = this.output.split("running garden").length;
    const control = connect(join(this.folder, "control"));
    control.end("reset\n").resume();
    await this.says(new RegExp(`(running garden[^]*){${runs}}`));
  }

  async stop() {
    if (this.process.exitCode == null) {
      const ended = new Promise(done => this.process.once("exit", done));
      this.process.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder, {recursive: true, force: true});
  }
}

export function launch() {
  const path = execFileSync("sh", ["-c", "command -v chromium"], {encoding: "utf8"}).trim();
  return chromium.launch({executablePath: path, args: process.getuid() == 0 ? ["--no-sandbox"] : []});
}

// Opens the device's page, and keeps what goes wrong in it: page.complaints, page.requests.
export async function open(browser, device, options = {}) {
  const context = await browser.newContext({viewport: {width: 1024, height: 760}, ...options});
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.complaints = [];
  page.requests = [];
  page.on("pageerror", error => page.complaints.push(String(error)));
  page.on("request", request => page.requests.push(request.method() + " " + request.url()));
  await page.goto(device.url);
  return page;
}

export const posts = page => page.requests.filter(request => request.startsWith("POST"));

// Waits until the page's message begins with TEXT.
export async function message(page, text) {
  try {
    await page.locator("#title", {hasText: new RegExp("^" + text)}).waitFor();
  } catch (error) {
    throw new Error(`not "${text}", but: ${await page.locator("#stage").innerText()}`, {cause: error});
  }
}

// Drops a file of this computer at the middle of what SELECTOR finds, as a hand would.
export async function drop(page, selector, path) {
  const box = await page.locator(selector).boundingBox();
  const at = {x: box.x + box.width / 2, y: box.y + box.height / 2};
  const data = {items: [], files: [path], dragOperationsMask: 1};
  const session = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"])
    await session.send("Input.dispatchDragEvent", {type, ...at, data});
  await session.detach();
}

export async function picture(page, name) {
  mkdirSync(screenshots, {recursive: true});
  await page.screenshot({path: join(screenshots, name + ".png"), fullPage: true});
}

// What axe finds that people with a disability would stumble over.
export async function barriers(page) {
  await page.evaluate(axe);
  const {violations} = await page.evaluate(() => window.axe.run());
  return violations.map(({id, impact, nodes}) => `${impact}: ${id}: ${nodes.map(node => node.html).join(" ")}`);
}
