// Runs in the main process before the app: answers every question with its first button and remembers what was asked.
'use strict';
const { dialog } = require('electron');

/** @type {unknown[]} */
const answered = [];
Object.assign(globalThis, { answered });
dialog.showMessageBox = (/** @type {unknown[]} */ ...args) => {
  answered.push(args.at(-1));
  return Promise.resolve({ response: 0, checkboxChecked: false });
};
