// Loaded into Azurite (node --require): the rules of local/loopback_only.py, because the key of its account is public.
const ours = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i;

function refusal({ host = [], origin = [] }) {
  if (host.length !== 1 || !ours.test(host[0])) return 421;
  return origin.some((page) => page.toLowerCase() !== `http://${host[0].toLowerCase()}`) ? 403 : null;
}

for (const { Server } of [require("node:http"), require("node:https")]) {
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, request, response) {
    const status = event === "request" ? refusal(request.headersDistinct) : null;
    if (status === null) return Reflect.apply(emit, this, arguments);
    response.writeHead(status, { Connection: "close" }).end();
    return true;
  };
}
