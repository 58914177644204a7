#!/usr/bin/env node
// Entry of `npm run reproduce`, `npm test` and `npm run synthmr`: sets up what is missing, then runs the command.
// Kept to old syntax, so that an old Node gets as far as the message below.
var OLDEST_NODE = 20;
var NEWEST_NODE = 24;
var major = Number(process.versions.node.split(".")[0]);
if (major < OLDEST_NODE || major > NEWEST_NODE) {
  console.error(
    "synthmr: Node " +
      process.versions.node +
      " is not supported. Install Node " +
      OLDEST_NODE +
      ", 22 or " +
      NEWEST_NODE +
      ".",
  );
  process.exit(2);
}
require("./command").runCommand(process.argv.slice(2));
