"use strict";
// What the two forms do better with a script: they work without it.

const $ = id => document.getElementById(id);
const forms = [...document.forms];
const flash = {0: 512, 1: 256, 2: 1024, 3: 2048, 4: 4096, 8: 8192, 9: 16384}; // KiB by the code in an image's header

let device = {}; // what it told last
let sending;     // the request under way
let looking;     // the device is restarting

// --- words ---

const unit = (figure, name) => figure + "\u00A0" + name; // never broken into two lines
const exact = bytes => unit(bytes.toLocaleString("en"), "bytes");

function size(bytes) {
  if (bytes < 1024) return unit(bytes, "bytes");
  return bytes < 1048576 ? unit(Math.round(bytes / 1024), "KiB") : unit((bytes / 1048576).toFixed(1), "MiB");
}

function time(seconds) {
  const steps = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const at = Math.max(0, steps.findIndex(step => seconds >= step[0] || step[0] == 1));
  const [length, name] = steps[at], next = steps[at + 1];
  const rest = next && Math.floor(seconds % length / next[0]);
  return unit(Math.floor(seconds / length), name) + (rest ? " " + unit(rest, next[1]) : "");
}

function running(info) {
  if (info.version) return (info.name || "version") + " " + info.version;
  return info.sketch_md5 ? "firmware " + info.sketch_md5.slice(0, 8) : "firmware of unknown version";
}

function say(title, text, mood) { // MOOD: "good", "bad" or none
  $("title").textContent = title;
  $("text").textContent = text;
  $("stage").className = mood || "";
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

// --- the device ---

async function ask() {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), 3000);
  try {
    const path = location.pathname.replace(/\/$/, "") + "/info";
    const answer = await fetch(path, {cache: "no-store", signal: late.signal});
    const info = answer.ok && await answer.json().catch(() => null); // of another firmware it may be anything
    return {...info, seen: performance.now()};
  } finally {
    clearTimeout(timer);
  }
}

function showFacts() {
  const facts = [
    ["Sketch", device.sketch_size, size],
    ["Free for an update", device.free_space, size],
    ["Filesystem", device.filesystem_size, size],
    ["Running for", device.uptime_ms, ms => time((ms + performance.now() - device.seen) / 1000)]
  ];
  $("facts").replaceChildren(...facts.map(([label, value, words]) =>
    element("div", element("dt", label), element("dd", value == null ? "–" : words(value)))));
}

function show() {
  const name = device.name || location.hostname;
  document.title = "Update " + name;
  $("name").replaceChildren(name, " ", element("span", device.version || ""));
  $("kind").textContent = ["Over-the-air update", device.board].filter(Boolean).join(" · ");
  showFacts();
}

// --- the file ---

// Up to what the largest flash holds.
async function unpack(file) {
  const parts = [];
  try {
    const reader = file.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    for (let part, got = 0; got < 1 << 24 && !(part = await reader.read()).done; got += part.value.length)
      parts.push(part.value);
  } catch (unknown) {
    // An old browser, or a signature behind the gzip: the device looks at it anyway.
  }
  return new Blob(parts);
}

const read = async blob => new Uint8Array(await blob.arrayBuffer());

// The firmware record, which says what an image is: docs/FORMATS.md.
function version(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const records = [...text.matchAll(/otterfw\x01(?=([ -~]+)\0)[^]{24}([ -~]+)\0/g)];
  const record = records.find(found => found.index % 4 == 0);
  return record ? {name: record[1], version: record[2]} : {};
}

// What speaks against sending FILE, as [title, text].
function tooLarge(file, filesystem) {
  const room = filesystem ? device.filesystem_size : device.free_space;
  return room != null && file.size > room && ["Too large for this device",
    `The file has ${exact(file.size)}, ${exact(room)} fit. ` + (filesystem ? "Build it for the device's layout."
      : "Compress it (gzip -9), make the sketch smaller, or flash by cable a layout with a smaller filesystem.")];
}

function tooLargeUnpacked(file, image) {
  const sectors = bytes => Math.ceil(bytes / 4096) * 4096;
  const room = sectors(device.sketch_size) + device.free_space; // NaN, which nothing exceeds, if it is not told
  return sectors(image.length) + sectors(file.size) > room && ["Too large for this device",
    `It unpacks to ${exact(image.length)}, which would reach the compressed file. Make the sketch smaller.`];
}

function wrongImage(image) {
  if (image[0] != 0xE9)
    return ["This is no firmware image", "An ESP8266 image begins with the byte E9. A filesystem goes below."];
  const made = flash[image[3] >> 4] * 1024;
  return made > device.flash_size && ["Built for a larger flash chip",
    `The image wants ${size(made)} of flash, the device has ${size(device.flash_size)}. ` +
    "Choose its flash size in the build, and build again."];
}

// Looks at the file that is chosen in FORM: {refusal, name, version}.
async function inspect(form) {
  const file = form[0].files[0], filesystem = form.id == "filesystem";
  const head = await read(file.slice(0, 2));
  const refusal = head.length ? tooLarge(file, filesystem) : ["The file is empty", "Build or download it again."];
  if (refusal) return {refusal};
  const gzip = head[0] == 0x1F && head[1] == 0x8B;
  const image = await read(gzip ? await unpack(file) : file);
  if (filesystem) return {warning: image[0] == 0xE9 && "It looks like firmware! "};
  if (!image.length) return {};
  return {refusal: wrongImage(image) || gzip && tooLargeUnpacked(file, image), ...version(image)};
}

async function look(form) {
  const file = form[0].files[0];
  if (!file) return;
  const found = await inspect(form);
  if (found.refusal) {
    say(...found.refusal, "bad");
    return;
  }
  const what = form.id == "filesystem" ? "the filesystem's content" : running(device);
  say((found.version ? running(found) : file.name) + " is ready",
    `${found.warning || ""}${file.name}, ${size(file.size)}, replaces ${what}.`, found.warning && "bad");
  return found;
}

// --- sending ---

function busy(is) {
  for (const form of forms) for (const input of form) input.disabled = is;
  $("meter").hidden = !is;
  $("text").hidden = is;
}

function progress(done, total, since) {
  const seconds = (performance.now() - since) / 1000;
  const left = (total - done) * seconds / done;
  $("bar").value = done / total * 100;
  $("figures").textContent = done == total ? `${size(total)} sent, the device checks it`
    : `${unit(Math.floor(done / total * 100), "%")} of ${size(total)}` +
      (done && seconds > .5 ? `, ${size(done / seconds)}/s, ${time(Math.ceil(left))} left` : "");
}

const remedies = [
  [[1, 2, 3], "Its flash chip failed. Send it again; if that repeats, the chip is worn out or badly powered."],
  [[4], "Compress it (gzip -9), make it smaller, or flash by cable a layout with more room."],
  [[5, 6, 7, 13], "Bytes were lost on the way. Send it again."],
  [[8], "What runs there was built for another flash size. Flash it by cable once, with the right size."],
  [[9], "The image is built for a larger flash chip. Choose the device's flash size in the build."],
  [[10], "This is no ESP8266 image. Was Filesystem meant?"],
  [[11], "It was last started for flashing by cable. Switch its power off and on, and send it again."],
  [[12], "Sign it with the key whose public half is in the firmware that runs there."],
  [[14], "Restart the device, and send it again before its sketch is busy."],
  [[15], "It is being updated from elsewhere, or notices only now that nothing more comes. Send it again in a while."],
  [[17, 18], "The image is damaged. Build or download it again."],
  [[19], "The image would take away the bootloader that survives power cuts: otter image adopt adds it."]
];

function fail(title, text, form, untouched) {
  busy(false);
  say(title, text + (form.id == "firmware" || untouched ? "The device runs on as before."
    : "The filesystem may be half written until an upload succeeds."), "bad");
  form[1].focus();
}

function judge(request, form, found, begun) {
  const text = request.responseText.replace(/<[^>]*>/g, " ").trim();
  const error = /ERROR\[(\d+)\].*/.exec(text);
  if (request.status == 200 && /^OK|Update Success/.test(text)) return restart(form, found, begun);
  if (request.status == 401)
    return fail("User name or password is wrong", "Reload this page to give it again. ", form, true);
  if (request.status == 403)
    return fail("The device refused this page", "Open it by the device's own address. ", form, true);
  const remedy = error && remedies.find(([numbers]) => numbers.includes(+error[1]));
  const title = error ? error[0] : "The device answered " + request.status;
  return fail(title, (remedy ? remedy[1] : text.slice(0, 200)) + " ", form);
}

function send(form, found) {
  const body = new FormData(form), request = new XMLHttpRequest(), since = performance.now();
  let sent = 0, total = 0;
  sending = request;
  request.upload.onprogress = event => progress(sent = event.loaded, total = event.total, since);
  request.onload = () => judge(request, form, found, since);
  request.onabort = () => fail("Cancelled", "", form);
  request.onerror = () => sent && sent == total ? restart(form, found, since) : fail("The connection broke",
    `${size(sent)} were sent. Is the device on, and its network good? Send it again. `, form, !sent);
  request.onloadend = () => sending = null;
  request.open("POST", location.pathname);
  request.send(body);
  busy(true);
  say("Sending " + (found.version ? running(found) : form[0].files[0].name), "");
  progress(0, form[0].files[0].size, since);
  $("cancel").focus();
}

// --- afterwards ---

const trial = "It is on trial: unless it confirms itself, the device goes back to what it ran before.";

function report(form, found, before, seconds) {
  const back = `The device was back after ${time(seconds)}.`, now = running(device);
  if (form.id == "filesystem") say("Filesystem updated", back, "good");
  else if (found.version && device.version && found.version != device.version)
    say("It still runs " + now, `${running(found)} was sent, but did not stay. Look at the device's console.`, "bad");
  else if (device.sketch_md5 && device.sketch_md5 == before.sketch_md5)
    say("The same as before: " + now, "This file was what it ran already, or it was not installed. " + back, "bad");
  else say("Updated: " + now, `Before: ${running(before)}. ${back}${device.trial ? " " + trial : ""}`, "good");
}

function sayWaiting(back, waited) {
  if (back) say(running(device) + " runs", trial);
  else if (waited > 60000)
    say("The device is not back yet",
      "Is its power on? Its address may be another now. This page goes on looking.", "bad");
  else say("Sent. The device restarts", "This page tells what runs then.");
}

// Restarted is a device that has been running since after it was sent to; one that does not tell gets a moment.
function restarted(info, begun, since) {
  if (!info) return false;
  return info.uptime_ms == null ? performance.now() - since > 4000 : info.uptime_ms < performance.now() - begun;
}

async function restart(form, found, begun) {
  const before = device, since = performance.now();
  let info, runs = false, waited = 0, back = 0; // ms
  looking = true;
  busy(true);
  $("meter").hidden = true;
  $("text").hidden = false;
  do {
    sayWaiting(back, waited);
    await new Promise(done => setTimeout(done, 1000));
    info = await ask().catch(() => null); // not back yet
    waited = performance.now() - since;
    runs = restarted(info, begun, since);
    if (runs) {
      device = info;
      back = back || waited;
    }
  } while (!runs || info.trial && waited < back + 10000);
  looking = false;
  busy(false);
  form.reset();
  show();
  report(form, found, before, back / 1000);
  form[0].focus();
}

// --- what the user does ---

for (const form of forms) {
  form.onchange = () => look(form);
  form.onsubmit = async event => {
    event.preventDefault();
    const found = !sending && await look(form);
    if (found && !sending) send(form, found);
  };
}

function mark(event) {
  const form = event && event.target.closest && event.target.closest("form");
  document.body.className = event ? "drag" : "";
  for (const each of forms) each.className = each == form ? "over" : "";
  return form;
}

ondragover = event => {
  event.preventDefault();
  mark(event);
};
ondragleave = event => event.relatedTarget || mark();
ondrop = event => {
  const form = mark(event) || $("firmware"), files = event.dataTransfer.files;
  event.preventDefault();
  mark();
  if (sending || looking) return;
  if (files.length != 1) return say("One file at a time, please", "Drop a .bin or .bin.gz.", "bad");
  form[0].files = files;
  look(form);
};
$("cancel").onclick = () => sending && sending.abort();
onbeforeunload = event => sending && event.preventDefault();

$("facts").hidden = false;
say("Choose a file",
  "Or drop it onto this page. It is checked before it is sent; then the device restarts and runs it.");
ask().then(info => device = info, () => {}).then(show);
setInterval(showFacts, 1000);
