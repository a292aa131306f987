using System.Net;
using System.Collections.Immutable;
using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>
/// The listening sockets that a process was started with. They stay without the close-on-exec flag: when .NET disposes of a socket
/// that has it, it assumes that nobody shares it and disconnects it, which would end the listening for the keeper and the next daemon too.
/// </summary>
internal sealed record InheritedListeners(ImmutableArray<PassedListener> All)
{
    /// <summary>Null when none were announced: the process was started by hand.</summary>
    /// <exception cref="InvalidDataException">What was announced is not what is there.</exception>
    public static InheritedListeners? FromEnvironment() =>
        Environment.GetEnvironmentVariable(PassedListener.Variable) is { } text ? From(text) : null;

    public static InheritedListeners From(string text)
    {
        var (listeners, error) = PassedListener.Parse(text);
        if (listeners is null)
            throw new InvalidDataException($"{PassedListener.Variable} cannot be used: {error}.");
        foreach (var listener in listeners)
        {
            if (!NativeLibc.IsOpen(listener.Descriptor))
                throw new InvalidDataException($"{PassedListener.Variable} names descriptor {listener.Descriptor}, which is not open.");
        }

        return new InheritedListeners(listeners.Value);
    }

    /// <summary>The gateway's address, as a client types it.</summary>
    public string? GatewayAddress => All.FirstOrDefault(listener => listener.Kind == ListenerKind.Tcp)?.Address is { } address ? Typed(IPEndPoint.Parse(address)).ToString() : null;

    /// <summary>Of TCP.</summary>
    public ImmutableArray<int> Ports => [.. All.Where(listener => listener.Kind == ListenerKind.Tcp).Select(listener => IPEndPoint.Parse(listener.Address).Port)];

    /// <summary>"Every address" cannot be called; on this machine loopback can.</summary>
    private static IPEndPoint Typed(IPEndPoint bound) =>
        bound.Address.Equals(IPAddress.Any) ? new(IPAddress.Loopback, bound.Port)
        : bound.Address.Equals(IPAddress.IPv6Any) ? new(IPAddress.IPv6Loopback, bound.Port)
        : bound;
}
