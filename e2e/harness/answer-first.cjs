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
// The folder that the test has in mind, or none.
dialog.showOpenDialog = (/** @type {unknown[]} */ ...args) => {
  answered.push(args.at(-1));
  const folder = process.env['CHAINSCOPE_TEST_FOLDER'];
  return Promise.resolve({ canceled: folder === undefined, filePaths: folder === undefined ? [] : [folder] });
};
