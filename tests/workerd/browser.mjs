// A real Chromium, driven by chromedriver over plain WebDriver. scripts/test says
// where it is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { eventually } from "./harness.mjs";

const CHROMEDRIVER = process.env.GUILDHALL_CHROMEDRIVER;
/** The name under which WebDriver answers with an element (WebDriver §12). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];

/** Why tests that need a browser are skipped, or false. */
export const NO_BROWSER = CHROMEDRIVER ? false : "no Chromium on this machine";

/** What a driver that nobody stopped would leave behind. */
const running = new Set();
process.on("exit", () => running.forEach((driver) => driver.kill()));

/** One window with its own cookies. */
export class Browser {
  #driver;
  #session;

  static async open() {
    const browser = new Browser();
    const driver = spawn(CHROMEDRIVER, ["--port=0"], { stdio: ["ignore", "pipe", "ignore"] });
    running.add(driver);
    browser.#driver = driver;
    let said = "";
    driver.stdout.setEncoding("utf8").on("data", (text) => (said += text));
    const port = await eventually("chromedriver listens", () => said.match(/successfully on port (\d+)/)?.[1]);
    const wanted = { alwaysMatch: { "goog:chromeOptions": { args: ARGUMENTS } } };
    const url = `http://127.0.0.1:${port}/session`;
    const { sessionId } = await command("POST", url, { capabilities: wanted });
    browser.#session = `${url}/${sessionId}`;
    return browser;
  }

  async close() {
    await command("DELETE", this.#session);
    running.delete(this.#driver);
    this.#driver.kill();
    await once(this.#driver, "close");
  }

  visit(url) {
    return this.#post("url", { url });
  }

  /** What a script of the page comes to; promises are waited for. */
  run(script, ...args) {
    return this.#post("execute/sync", { script, args });
  }

  title() {
    return command("GET", `${this.#session}/title`);
  }

  /** Waits until the page calls itself `title`. */
  async titled(title) {
    let last;
    const isIt = async () => (last = await this.title()) === title;
    await eventually(`a page called ${title}`, isIt).catch((cause) => {
      throw new Error(`the page is called ${last}, and not ${title}`, { cause });
    });
  }

  async type(css, text) {
    await this.#post(`element/${await this.#find(css)}/value`, { text });
  }

  async click(css) {
    await this.#post(`element/${await this.#find(css)}/click`, {});
  }

  #find(css) {
    const query = { using: "css selector", value: css };
    return eventually(`an element ${css}`, async () => (await this.#post("element", query))[ELEMENT]);
  }

  #post(path, body) {
    return command("POST", `${this.#session}/${path}`, body);
  }
}

async function command(method, url, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
