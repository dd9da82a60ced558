/** The IndexedDB database. Opening fails where the browser refuses one, or has none. */

/** @returns {Promise<IDBDatabase>} */
export function openDatabase() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("xueshi-player", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("sessions", { keyPath: "id" });
      asked.result.createObjectStore("events", { keyPath: ["id", "seq"] });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => reject(asked.error);
  });
}
