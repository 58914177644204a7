const BAR_WIDTH = 24;
const TTY_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5000;

/**
 * Tells on stderr how far the set-up is: a bar on a terminal, a line every few seconds elsewhere. A step that
 * finds its work done says nothing.
 */
class Progress {
  /**
   * @param {number} steps How many steps the whole set-up has.
   * @param {{ write(text: string): unknown, isTTY?: boolean }} [stream]
   */
  constructor(steps, stream = process.stderr) {
    this.steps = steps;
    this.stream = stream;
    this.current = 0;
    this.title = "";
    this.started = Date.now();
    this.lastShown = 0;
    this.barShown = false;
    this.anyWork = false;
  }

  /** The next step begins; nothing is shown until it has work to do. */
  nextStep() {
    this.current += 1;
    this.title = "";
  }

  /**
   * The step has work to do.
   *
   * @param {string} title What is done, such as "libtensorflow 2.21.0: download".
   */
  work(title) {
    this.clearBar();
    this.anyWork = true;
    this.title = title;
    this.started = Date.now();
    this.lastShown = this.started;
    this.stream.write(`set-up ${this.current} of ${this.steps}: ${title}\n`);
  }

  /**
   * @param {number} done Units done of the present work.
   * @param {number} total Units in all; 0 where that is not known.
   * @param {string} unit "MB" is counted in bytes; any other is shown as it is.
   */
  update(done, total, unit) {
    const elapsed = (Date.now() - this.started) / 1000;
    this.show(total > 0 ? Math.min(done / total, 1) : 0, describe(done, total, unit, elapsed));
  }

  /**
   * @param {number} fraction Done, 0 to 1.
   * @param {string} text
   */
  show(fraction, text) {
    const now = Date.now();
    if (now - this.lastShown < (this.stream.isTTY ? TTY_INTERVAL_MS : LINE_INTERVAL_MS)) return;
    this.lastShown = now;
    if (this.stream.isTTY) {
      const bar = "#".repeat(Math.round(fraction * BAR_WIDTH)).padEnd(BAR_WIDTH, ".");
      this.stream.write(`\r\x1b[2K  [${bar}] ${text}`);
      this.barShown = true;
    } else {
      this.stream.write(`  ${text}\n`);
    }
  }

  /**
   * For work that cannot be counted.
   *
   * @param {number} usualSec What it usually takes.
   */
  tick(usualSec) {
    const elapsed = (Date.now() - this.started) / 1000;
    this.show(Math.min(elapsed / usualSec, 1), `${Math.round(elapsed)} s, usually about ${usualSec} s`);
  }

  /** @param {string} text A line of its own. */
  note(text) {
    this.clearBar();
    this.stream.write(`${text}\n`);
  }

  clearBar() {
    if (this.barShown) this.stream.write("\r\x1b[2K");
    this.barShown = false;
  }
}

/**
 * @param {number} done
 * @param {number} total
 * @param {string} unit
 * @param {number} elapsedSec
 * @returns {string} Such as "120 of 261 MB, 4 s, about 5 s left".
 */
function describe(done, total, unit, elapsedSec) {
  const scale = unit === "MB" ? 2 ** 20 : 1;
  const whole = (/** @type {number} */ count) => (count / scale).toFixed(0);
  const count = total > 0 ? `${whole(done)} of ${whole(total)} ${unit}` : `${whole(done)} ${unit}`;
  const left = total > 0 && done > 0 && done < total ? (elapsedSec * (total - done)) / done : undefined;
  const estimate = left === undefined ? "" : `, about ${Math.ceil(left)} s left`;
  return `${count}, ${Math.round(elapsedSec)} s${estimate}`;
}

module.exports = { Progress, describe };
