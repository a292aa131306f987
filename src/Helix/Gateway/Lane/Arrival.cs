using System.Net.Sockets;

namespace Helix.Gateway.Lane;

/// <summary>A connection for the server.</summary>
/// <param name="First">What was read of it already; mostly empty.</param>
internal readonly record struct Arrival(Socket Socket, byte[] First);
