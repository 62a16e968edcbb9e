// SPDX-License-Identifier: MIT
//
// airstore-sandbox as the tests see it: started and stopped, told to misbehave, and its consent page
// walked as a browser would.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const readline = require('node:readline');

const TIMEOUT_MS = 30_000;

class Sandbox {
    static async start(...options) {
        const binary = process.env.AIRSTORE_SANDBOX_BINARY;
        if (!binary)
            throw new Error('AIRSTORE_SANDBOX_BINARY must name the airstore-sandbox to test against');

        const sandbox = new Sandbox();
        sandbox.process = spawn(binary, ['--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
        sandbox.ended = once(sandbox.process, 'exit');
        const lines = readline.createInterface({ input: sandbox.process.stdout });
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const [line] = await Promise.race([once(lines, 'line', { signal }), sandbox.ended]);
        const match = /^listening on (http:\/\/127\.0\.0\.1:\d+)\/api\/v1$/.exec(line);
        if (!match) {
            sandbox.process.kill();
            throw new Error(`the sandbox did not start: ${line}`);
        }
        sandbox.origin = match[1];
        sandbox.baseURL = `${match[1]}/api/v1`;
        return sandbox;
    }

    // Resolves with the exit status; null when a signal had to end it.
    async stop() {
        this.process.kill('SIGTERM');
        const emergency = setTimeout(() => this.process.kill('SIGKILL'), TIMEOUT_MS);
        const [status] = await this.ended;
        clearTimeout(emergency);
        return status;
    }

    async control(method, path, body) {
        const reply = await fetch(`${this.origin}/sandbox/${path}`, {
            method,
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const answer = await reply.json();
        if (!reply.ok)
            throw new Error(`${method} /sandbox/${path}: ${answer.error}`);
        return answer;
    }

    misbehave(kind, details = {}) {
        return this.control('POST', 'faults', { kind, ...details });
    }

    async requests() {
        return (await this.control('GET', 'requests')).requests;
    }

    async reset() {
        await this.control('POST', 'reset');
        await this.control('DELETE', 'requests');
    }

    // Presses a button on the consent page. Resolves with the last reply, its redirect not followed.
    async consent(authorizeUrl, decision) {
        const ask = (url, options) =>
            fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...options });

        const page = await ask(authorizeUrl);
        const cookie = page.headers.get('set-cookie').split(';')[0];
        const token = /name="token" value="([0-9a-f]{32})"/.exec(await page.text())[1];
        const decided = await ask(authorizeUrl, {
            method: 'POST',
            headers: { cookie },
            body: new URLSearchParams({ token, decision }),
        });
        return ask(decided.headers.get('location'));
    }
}

module.exports = { Sandbox, TIMEOUT_MS };
