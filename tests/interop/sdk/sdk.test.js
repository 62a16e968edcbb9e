// SPDX-License-Identifier: MIT
//
// The official Airstore SDK against airstore-sandbox: a client that we did not write shows that our
// stand-in is faithful. ./dev test runs this; by hand, from the top of the tree:
//
//   npm install --prefix build/npm --no-save --no-package-lock @airstore/sdk@0.1.8
//   AIRSTORE_SDK=$PWD/build/npm/node_modules/@airstore/sdk \
//   AIRSTORE_SANDBOX_BINARY=$PWD/build/tests/sandbox/airstore-sandbox \
//       node --test tests/interop/sdk/
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { after, before, beforeEach, describe, test } = require('node:test');

const { Sandbox, TIMEOUT_MS } = require('./sandbox.js');

const SDK = process.env.AIRSTORE_SDK ?? '@airstore/sdk';
const sdk = require(SDK);

const KEY = 'tok_of_the_sdk_test';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NANOSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

let sandbox;
let airstore;

const client = (options = {}) => new sdk.Airstore({ apiKey: KEY, baseURL: sandbox.baseURL, ...options });

before(async () => {
    sandbox = await Sandbox.start('--api-key', KEY);
    airstore = client();
});

after(async () => {
    assert.equal(await sandbox.stop(), 0, 'the sandbox ends cleanly');
});

beforeEach(() => sandbox.reset());

test('this is the version of the SDK that was asked for', () => {
    // Its constant VERSION is behind its package.json, which its exports hide.
    const installed = require(path.join(path.dirname(require.resolve(SDK)), '../../package.json'));
    assert.equal(installed.version, require('./package.json').dependencies['@airstore/sdk']);
});

describe('OAuth sessions', () => {
    for (const integrationType of ['gmail', 'gdrive', 'github', 'notion', 'linear', 'slack']) {
        test(`${integrationType}: created, pending, approved, complete`, async () => {
            const returnTo = 'http://127.0.0.1:41234/callback/a?b=c%20d';
            const session = await airstore.oauth.createSession({ integrationType, returnTo });
            assert.equal(session.lastResponse.statusCode, 201);
            assert.match(session.lastResponse.requestId, UUID);
            assert.match(new URL(session.authorize_url).searchParams.get('state'), /^[0-9a-f]{32}$/);
            assert.deepEqual({ ...(await airstore.oauth.getSession(session.session_id)) }, { status: 'pending' });

            const polling = airstore.oauth.poll(session.session_id, { interval: 20, timeout: TIMEOUT_MS });
            const redirect = await sandbox.consent(session.authorize_url, 'approve');
            assert.equal(redirect.status, 302);
            assert.equal(redirect.headers.get('location'), returnTo, 'exactly as given');

            const { status, connection_id } = await polling;
            assert.equal(status, 'complete');
            assert.match(connection_id, UUID);
        });
    }

    test('without return_to the browser ends on a page', async () => {
        const session = await airstore.oauth.createSession({ integrationType: 'gmail' });
        const page = await sandbox.consent(session.authorize_url, 'approve');
        assert.equal(page.status, 200);
        assert.match(await page.text(), /Gmail is connected/);
    });

    test('denied: the browser does not return, and poll says who denied', async () => {
        const session = await airstore.oauth.createSession({
            integrationType: 'github',
            returnTo: 'http://127.0.0.1:41234/',
        });
        const polling = airstore.oauth.poll(session.session_id, { interval: 20, timeout: TIMEOUT_MS });
        const [page] = await Promise.all([
            sandbox.consent(session.authorize_url, 'deny'),
            assert.rejects(polling, { message: 'OAuth session failed: github: access_denied' }),
        ]);
        assert.equal(page.status, 400);
        assert.equal(page.headers.get('location'), null);
        assert.deepEqual(
            { ...(await airstore.oauth.getSession(session.session_id)) },
            { status: 'error', error: 'github: access_denied' });
    });

    test('nobody decides: poll times out', async () => {
        const session = await airstore.oauth.createSession({ integrationType: 'gmail' });
        await assert.rejects(
            airstore.oauth.poll(session.session_id, { interval: 20, timeout: 200 }),
            { name: 'AirstoreError', message: 'OAuth session timed out after 200ms' });
    });

    test('a session that vanished is not found', async () => {
        const session = await airstore.oauth.createSession({ integrationType: 'gmail' });
        await sandbox.control('POST', 'vanish', { session_id: session.session_id });
        await assert.rejects(
            airstore.oauth.poll(session.session_id),
            { name: 'NotFoundError', message: 'session not found' });
    });

    const refusals = [
        [{ integrationType: 'posthog' }, 400, 'integration posthog does not use OAuth'],
        [{ integrationType: '' }, 400, 'integration_type required'],
        [{ integrationType: 'gmail', returnTo: 'gopher://x' }, 400, 'return_to must be a relative path or full URL'],
        [{ integrationType: 'gmail', workspaceId: 'elsewhere' }, 404, 'workspace not found'],
    ];
    for (const [parameters, status, message] of refusals) {
        test(`refused: ${message}`, async () => {
            await assert.rejects(airstore.oauth.createSession(parameters), (error) => {
                assert.ok(error instanceof sdk.APIError);
                assert.deepEqual([error.status, error.message], [status, message]);
                assert.match(error.requestId, UUID);
                return true;
            });
        });
    }
});

describe('connections', () => {
    test('created, renewed, listed, deleted', async () => {
        const workspace = 'ws_connections';
        assert.deepEqual(await airstore.connections.list(workspace), []);

        const created = await airstore.connections.create(workspace, {
            integrationType: 'github',
            accessToken: 'an access token',
            refreshToken: 'a refresh token',
            scope: 'repo',
            extra: { team: 'one' },
        });
        assert.equal(created.lastResponse.statusCode, 201);
        assert.match(created.external_id, UUID);
        assert.equal(created.workspace_id, workspace);
        assert.equal(created.integration_type, 'github');
        assert.equal(created.scope, 'repo');
        assert.match(created.created_at, NANOSECONDS);
        assert.equal(created.updated_at, created.created_at);

        const renewed = await airstore.connections.create(workspace, { integrationType: 'github', accessToken: 'newer' });
        assert.equal(renewed.external_id, created.external_id, 'one connection a type and workspace');
        assert.equal(renewed.created_at, created.created_at);
        assert.ok(renewed.updated_at > created.updated_at);

        await airstore.connections.create(workspace, { integrationType: 'posthog', apiKey: 'a key' });
        const listed = await airstore.connections.list(workspace);
        assert.deepEqual(listed.map((one) => one.integration_type), ['github', 'posthog']);

        await airstore.connections.del(workspace, created.external_id);
        assert.equal((await airstore.connections.list(workspace)).length, 1);
        await assert.rejects(
            airstore.connections.del(workspace, created.external_id),
            { name: 'NotFoundError', message: 'connection not found' });
    });

    test('refused: nothing to connect with, no such workspace', async () => {
        await assert.rejects(
            airstore.connections.create('ws_connections', { integrationType: 'github' }),
            { status: 400, message: 'access_token or api_key required' });
        await assert.rejects(
            airstore.connections.list('elsewhere'),
            { name: 'NotFoundError', message: 'workspace not found' });
    });

    test('what OAuth connected is there; connecting again renews it', async () => {
        const connect = async () => {
            const session = await airstore.oauth.createSession({ integrationType: 'linear', workspaceId: 'ws_again' });
            await sandbox.control('POST', 'approve', { session_id: session.session_id });
            return (await airstore.oauth.getSession(session.session_id)).connection_id;
        };
        const first = await connect();
        const [before] = await airstore.connections.list('ws_again');
        assert.equal(before.external_id, first);

        assert.equal(await connect(), first);
        const [after] = await airstore.connections.list('ws_again');
        assert.equal(after.created_at, before.created_at);
        assert.ok(after.updated_at > before.updated_at);
    });
});

describe('errors', () => {
    const list = (options) => airstore.connections.list('ws_default', options);

    const classes = [
        [400, 'APIError'],
        [401, 'AuthenticationError'],
        [403, 'PermissionDeniedError'],
        [404, 'NotFoundError'],
        [408, 'APIError'],
        [409, 'ConflictError'],
        [418, 'APIError'],
        [422, 'UnprocessableEntityError'],
        [429, 'RateLimitError'],
        [500, 'InternalServerError'],
        [503, 'InternalServerError'],
    ];
    for (const [status, name] of classes) {
        test(`${status} is ${name}`, async () => {
            await sandbox.misbehave('status', { status, error: 'as ordered' });
            await assert.rejects(list({ maxRetries: 0 }), (error) => {
                assert.ok(error instanceof sdk[name]);
                assert.deepEqual([error.name, error.status, error.message], [name, status, 'as ordered']);
                assert.match(error.requestId, UUID);
                return true;
            });
            assert.equal((await sandbox.requests()).length, 1);
        });
    }

    test('a wrong key', async () => {
        await assert.rejects(
            client({ apiKey: 'tok_wrong' }).oauth.createSession({ integrationType: 'gmail' }),
            { name: 'AuthenticationError', message: 'invalid token' });
    });

    test('an organisation key needs a workspace', async () => {
        const organisation = await Sandbox.start('--api-key', 'org_key');
        try {
            const oauth = client({ apiKey: 'org_key', baseURL: organisation.baseURL }).oauth;
            await assert.rejects(oauth.createSession({ integrationType: 'gmail' }), { status: 400 });
            await oauth.createSession({ integrationType: 'gmail', workspaceId: 'ws_1' });
        } finally {
            assert.equal(await organisation.stop(), 0);
        }
    });

    test('a missing request ID', async () => {
        await sandbox.misbehave('bare');
        assert.equal((await airstore.connections.create('ws_bare', { integrationType: 'slack', accessToken: 'x' }))
            .lastResponse.requestId, undefined);
    });

    for (const kind of ['reset', 'reset-after-headers', 'reset-in-body', 'truncated', 'garbage', 'html']) {
        test(`${kind} is a connection error`, async () => {
            await sandbox.misbehave(kind);
            await assert.rejects(list({ maxRetries: 0 }), { name: 'APIConnectionError' });
        });
    }

    test('no reply in time is a time-out', async () => {
        await sandbox.misbehave('latency', { ms: 60_000 });
        await assert.rejects(list({ timeout: 100 }), { name: 'APIConnectionTimeoutError' });
    });

    for (const kind of ['null-data', 'no-envelope', 'content-type', 'large', 'drip']) {
        test(`${kind} is survived`, async () => {
            await sandbox.misbehave(kind, kind === 'drip' ? { ms: 1 } : {});
            assert.deepEqual([...await airstore.connections.list('ws_empty')], []);
            assert.equal((await sandbox.control('GET', 'faults')).faults.length, 0, 'it did happen');
        });
    }
});

describe('retries', () => {
    const list = (options) => airstore.connections.list('ws_default', options);

    const gaps = async () => {
        const times = (await sandbox.requests()).map((request) => Date.parse(request.time));
        return times.slice(1).map((time, index) => time - times[index]);
    };

    for (const status of [408, 409, 429, 500, 502, 503, 504]) {
        test(`${status} is retried, as soon as Retry-After-Ms allows`, async () => {
            await sandbox.misbehave('status', { status, count: 2, retry_after_ms: 10, retry_after: 60 });
            await list();
            assert.deepEqual((await sandbox.requests()).map((request) => request.status), [status, status, 200]);
        });
    }

    for (const status of [400, 401, 403, 404, 422, 501]) {
        test(`${status} is not retried`, async () => {
            await sandbox.misbehave('status', { status });
            await assert.rejects(list(), { status });
            assert.equal((await sandbox.requests()).length, 1);
        });
    }

    test('three attempts in all', async () => {
        await sandbox.misbehave('status', { status: 503, count: 0, retry_after_ms: 10, error: 'still down' });
        await assert.rejects(list(), { name: 'InternalServerError', message: 'still down' });
        assert.equal((await sandbox.requests()).length, 3);
    });

    test('Retry-After is waited for', async () => {
        await sandbox.misbehave('status', { status: 429, retry_after: 1 });
        await list();
        const [gap] = await gaps();
        assert.ok(gap >= 990, `waited ${gap} ms`);
    });

    test('without it the wait is half a second, and up to half of that more', async () => {
        await sandbox.misbehave('status', { status: 503 });
        await list();
        const [gap] = await gaps();
        assert.ok(gap >= 490, `waited ${gap} ms`);
    });

    test('a lost connection is retried', async () => {
        await sandbox.misbehave('reset');
        await list();
        assert.deepEqual((await sandbox.requests()).map((request) => request.status), [0, 200]);
    });

    test('poll survives what is retried', async () => {
        const session = await airstore.oauth.createSession({ integrationType: 'notion' });
        await sandbox.misbehave('status', { status: 503, count: 2, retry_after_ms: 10, path: '/oauth/sessions/' });
        await sandbox.control('POST', 'approve', { session_id: session.session_id });
        assert.equal((await airstore.oauth.poll(session.session_id)).status, 'complete');
    });
});

describe('lifetimes and variants', () => {
    test('sessions live as long as they were told to', async () => {
        const brief = await Sandbox.start(
            '--api-key', KEY, '--session-ttl', '400ms', '--complete-ttl', '200ms', '--error-ttl', '300ms');
        const gone = async (oauth, sessionId) => {
            for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline;) {
                try {
                    await oauth.getSession(sessionId);
                } catch (error) {
                    assert.equal(error.message, 'session not found');
                    return;
                }
            }
            assert.fail('the session is still there');
        };
        try {
            const { oauth } = client({ baseURL: brief.baseURL });
            for (const ending of [null, 'approve', 'deny']) {
                const session = await oauth.createSession({ integrationType: 'gmail' });
                if (ending)
                    await brief.control('POST', ending, { session_id: session.session_id });
                await gone(oauth, session.session_id);
            }
        } finally {
            assert.equal(await brief.stop(), 0);
        }
    });

    test('a self-hosted server has numbers for workspaces', async () => {
        const selfHosted = await Sandbox.start('--api-key', KEY, '--workspace-numbers');
        try {
            const { connections } = client({ baseURL: selfHosted.baseURL });
            const created = await connections.create('7', { integrationType: 'slack', accessToken: 'x' });
            assert.equal(created.workspace_id, 7);
        } finally {
            assert.equal(await selfHosted.stop(), 0);
        }
    });
});
