/** Something the machine lacks, said in one line, with the line that mends it. */
class SetupError extends Error {
  /**
   * @param {string} reason What is missing or wrong; no full stop.
   * @param {string} remedy What the user can do, in the imperative; no full stop.
   * @param {{ offline?: boolean }} [kind] `offline`: the package index could not be reached.
   */
  constructor(reason, remedy, kind = {}) {
    super(`${reason}. To mend: ${remedy}`);
    this.name = "SetupError";
    this.reason = reason;
    this.remedy = remedy;
    this.offline = kind.offline === true;
  }
}

module.exports = { SetupError };
