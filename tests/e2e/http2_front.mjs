// An HTTP/2 door before the served KMS, as AWS's load balancers are one: TLS, nothing older than HTTP/2, connections that are
// said goodbye to (GOAWAY) after some requests, and requests that are turned away before they were looked at.
// Usage: node http2_front.mjs CERTIFICATE KEY PORT_OF_THE_KMS REQUESTS_A_CONNECTION REFUSE_EACH. Prints its port; at the end
// of its input what it has seen, as JSON.
import http from 'node:http';
import http2 from 'node:http2';
import { readFileSync } from 'node:fs';

const [certificate, key, port, requestsAConnection, refuseEach] = process.argv.slice(2);
const seen = { connections: 0, requests: 0, refused: 0, most_at_once: 0 };
let underWay = 0;

const server = http2.createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key), allowHTTP1: false });
server.on('session', (session) => {
  seen.connections += 1;
  let requests = 0;
  session.on('error', () => {});
  session.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    seen.requests += 1;
    requests += 1;
    if (seen.requests % Number(refuseEach) === 0) {
      seen.refused += 1;
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    if (requests === Number(requestsAConnection)) session.close();  // GOAWAY; what is under way is answered
    underWay += 1;
    seen.most_at_once = Math.max(seen.most_at_once, underWay);
    const forwarded = { host: headers[':authority'] };
    for (const [name, value] of Object.entries(headers)) if (!name.startsWith(':')) forwarded[name] = value;
    const inner = http.request({ port: Number(port), method: headers[':method'], path: headers[':path'], headers: forwarded }, (answer) => {
      const back = { ':status': answer.statusCode };
      for (const [name, value] of Object.entries(answer.headers)) if (!['connection', 'keep-alive', 'transfer-encoding'].includes(name)) back[name] = value;
      stream.respond(back);
      answer.pipe(stream);
    });
    inner.on('error', () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    stream.on('close', () => { underWay -= 1; });
    stream.pipe(inner);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => { console.log(JSON.stringify(seen)); process.exit(0); }).resume();
