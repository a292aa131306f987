// Loaded before a program of Node's that would listen on all addresses: it listens on loopback.
const net = require('node:net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...words) {
  if (words[0] && typeof words[0] === 'object' && words[0].port !== undefined) words[0].host = '127.0.0.1';
  else if (typeof words[0] === 'number') words.splice(1, typeof words[1] === 'string' ? 1 : 0, '127.0.0.1');
  return listen.apply(this, words);
};
