// Loaded into Azurite (node --require). It takes messages with characters that XML does not have, and then returns nothing
// of the batch in which such a message is. Azure refuses them (https://github.com/Azure/azure-sdk-for-net/issues/11358).
const { join } = require("node:path");

const queue = join(__dirname, "node_modules", "azurite", "dist", "src", "queue");
const { default: errors } = require(join(queue, "errors", "StorageErrorFactory"));
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

for (const [handler, method] of [["MessagesHandler", "enqueue"], ["MessageIdHandler", "update"]]) {
  const { prototype } = require(join(queue, "handlers", handler)).default;
  const original = prototype[method];
  prototype[method] = async function (message, ...others) {
    if (impossible.test(message.messageText ?? "")) throw errors.getInvalidXmlDocument(others.at(-1).contextID);
    return Reflect.apply(original, this, [message, ...others]);
  };
}
