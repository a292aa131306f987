using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Helix.Core.Processes;

internal enum ListenerKind
{
    Tcp,
    Unix,
}

/// <summary>A listening socket that one process hands to another, announced as <c>3=tcp:127.0.0.1:4359;4=unix:/run/…/helix.sock</c>.</summary>
/// <param name="Address">IP address and port, or the path of the socket.</param>
internal sealed record PassedListener(int Descriptor, ListenerKind Kind, string Address)
{
    public const string Variable = "HELIX_LISTENERS";

    private const int FirstDescriptor = 3;

    public static string Format(IEnumerable<PassedListener> listeners) =>
        string.Join(';', listeners.Select(listener =>
            string.Create(CultureInfo.InvariantCulture, $"{listener.Descriptor}={(listener.Kind == ListenerKind.Tcp ? "tcp" : "unix")}:{listener.Address}")));

    /// <returns>The listeners, or null and what is wrong.</returns>
    public static (ImmutableArray<PassedListener>? Listeners, string? Error) Parse(string text)
    {
        var listeners = ImmutableArray.CreateBuilder<PassedListener>();
        foreach (var part in text.Split(';'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (equals < 1 || colon < equals || colon == part.Length - 1)
                return (null, $"\"{part}\" is not of the form DESCRIPTOR=KIND:ADDRESS");
            if (!int.TryParse(part[..equals], NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) || descriptor < FirstDescriptor)
                return (null, $"\"{part[..equals]}\" is not the number of a passed descriptor");
            if (listeners.Any(listener => listener.Descriptor == descriptor))
                return (null, $"descriptor {descriptor} is named twice");

            var address = part[(colon + 1)..];
            switch (part[(equals + 1)..colon])
            {
                case "tcp" when IsEndPoint(address):
                    listeners.Add(new(descriptor, ListenerKind.Tcp, address));
                    break;
                case "unix" when address[0] == '/':
                    listeners.Add(new(descriptor, ListenerKind.Unix, address));
                    break;
                default:
                    return (null, $"\"{part[(equals + 1)..]}\" is neither tcp:IP:PORT nor unix:/PATH");
            }
        }

        return (listeners.ToImmutable(), null);
    }

    private static bool IsEndPoint(string address) => IPEndPoint.TryParse(address, out var parsed) && parsed.Port != 0 && parsed.ToString() == address;
}
