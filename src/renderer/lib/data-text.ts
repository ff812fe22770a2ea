/** A JSON string's content, or else the JSON text itself; `isText` tells which. Broken JSON is shown as it is. */
export function readData(dataText: string): { text: string; isText: boolean } {
  try {
    const value: unknown = JSON.parse(dataText);
    if (typeof value === 'string') return { text: value, isText: true };
  } catch {
    // Shown as it came.
  }
  return { text: dataText, isText: false };
}
