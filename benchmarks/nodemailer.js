// nodemailer's pool over as many connections: node nodemailer.js PORT MESSAGES CONNECTIONS, run where it is installed.
const path = require("path");
const nodemailer = require(path.join(process.cwd(), "node_modules", "nodemailer"));
const [port, messages, connections] = process.argv.slice(2).map(Number);
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, pool: true, maxConnections: connections, maxMessages: Infinity,
});
const text = "A sentence that tells what happened.\r\n".repeat(50);
const html = "<p>A sentence that tells what happened, with its markup.</p>\r\n".repeat(610);
let next = 0;
async function work() {
  while (next < messages) {
    const number = next++;
    await transport.sendMail({
      from: "briefing@news.example.org", to: `reader${number}@example.org`, subject: "Headline number 0", text, html,
    });
  }
}
Promise.all(Array.from({ length: connections }, work)).then(() => transport.close());
