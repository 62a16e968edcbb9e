// SPDX-License-Identifier: MIT
// What a program with the official SDK does: creates sessions and polls them with the SDK's defaults. One line on
// standard output a session when it exists, {"session_id"}, and one when the poll has returned, with the time in
// seconds as "at".
//
//     node sdk-poll.js SDK BASE_URL API_KEY SESSIONS
"use strict";

const [directory, baseURL, apiKey, count] = process.argv.slice(2);
const { Airstore } = require(directory);
const airstore = new Airstore({ apiKey, baseURL });
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

async function connect() {
  const { session_id } = await airstore.oauth.createSession({ integrationType: "gmail" });
  say({ session_id });
  await airstore.oauth.poll(session_id);
  say({ session_id, at: (performance.timeOrigin + performance.now()) / 1000 });
}

Promise.all(Array.from({ length: Number(count) }, connect));
