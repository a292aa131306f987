using System.Collections.Immutable;
using System.Net;
using Helix.Storage;

namespace Helix.Processes;

/// <summary>What the hidden verb <c>keeper</c> was asked to do.</summary>
/// <param name="Listen">Wanted address of the gateway; when the port is taken, the next free one is.</param>
/// <param name="Adopt">Take over the passed sockets, and everything that the last keeper left.</param>
/// <param name="Sweep">Start nothing; end and clear away what dead keepers left.</param>
/// <param name="DaemonCommand">Started in place of <c>helix daemon</c>.</param>
internal sealed record KeeperOptions(
    HelixHome Home, IPEndPoint Listen, bool Adopt, bool Sweep, string? DaemonCommand, ImmutableArray<string> DaemonArguments)
{
    public static IPEndPoint DefaultListen { get; } = new(IPAddress.Loopback, 4359);

    /// <returns>The options, or null and what is wrong.</returns>
    public static (KeeperOptions? Options, string? Error) Parse(IReadOnlyList<string> arguments)
    {
        string? home = null, daemon = null;
        var listen = DefaultListen;
        bool adopt = false, sweep = false;
        var daemonArguments = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--adopt":
                    adopt = true;
                    continue;
                case "--sweep":
                    sweep = true;
                    continue;
            }

            var option = arguments[i];
            if (++i == arguments.Count)
                return (null, $"{option} is unknown, or its value is missing");
            switch (option)
            {
                case "--home":
                    home = arguments[i];
                    break;
                case "--listen" when IPEndPoint.TryParse(arguments[i], out var parsed) && parsed.Port != 0:
                    listen = parsed;
                    break;
                case "--listen":
                    return (null, $"--listen wants an IP address and a port, such as 127.0.0.1:4359, and not \"{arguments[i]}\"");
                case "--daemon-command":
                    daemon = arguments[i];
                    break;
                case "--daemon-argument":
                    daemonArguments.Add(arguments[i]);
                    break;
                default:
                    return (null, $"{option} is not known");
            }
        }

        return home is { } path && Path.IsPathFullyQualified(path)
            ? (new(new HelixHome(path), listen, adopt, sweep, daemon, daemonArguments.ToImmutable()), null)
            : (null, "--home wants an absolute path");
    }

    public DaemonCommand Daemon(string self) => DaemonCommand is { } other
        ? new(other, DaemonArguments)
        : new(self, ["daemon", "--home", Home.Root, .. DaemonArguments]);
}
